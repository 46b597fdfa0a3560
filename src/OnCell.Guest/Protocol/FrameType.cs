namespace OnCell.Guest.Protocol;

/// <summary>What a frame is.</summary>
internal enum FrameType : byte
{
    None = 0,

    /// <summary>First frame of the guest: magic, version, boot id.</summary>
    Hello = 1,

    /// <summary>First frame of the host: the guest is accepted.</summary>
    Welcome = 2,

    /// <summary>First frame of the host: the guest is not accepted; the payload says why.</summary>
    Refused = 3,

    /// <summary>Host to guest: answer with <see cref="Pong"/> and the same payload.</summary>
    Ping = 4,

    Pong = 5,

    /// <summary>Host to guest: begins a call; the tag is the <see cref="Method"/>.</summary>
    Open = 10,

    /// <summary>Host to guest: the caller is gone. The guest ends the call without an answer.</summary>
    Cancel = 11,

    /// <summary>Host to guest: sends the signal in the tag to the call's process group.</summary>
    Signal = 12,

    /// <summary>Host to guest: the call's terminal has another size; payload: rows and columns, 16 bits each.</summary>
    Resize = 13,

    /// <summary>A piece of a stream; from the guest the tag tells which one. Costs credit.</summary>
    Data = 20,

    /// <summary>Host to guest: no more data.</summary>
    EndOfData = 21,

    /// <summary>Gives the other side credit.</summary>
    Credit = 22,

    /// <summary>Guest to host: something other than data; the tag is a <see cref="CallEvent"/>. Costs credit.</summary>
    Event = 30,

    /// <summary>Guest to host: the call succeeded and is over.</summary>
    Result = 31,

    /// <summary>Guest to host: the call failed and is over; the tag is an <see cref="ErrorCode"/>, the payload its text.</summary>
    Error = 32,
}

/// <summary>What a call asks for.</summary>
internal enum Method : byte
{
    None = 0,
    Exec = 1,
    ExecFind = 2,
    ExecForget = 3,
    ExecList = 4,
    FileRead = 10,
    FileWrite = 11,
    FileList = 12,
    FileStat = 13,
    FileMove = 14,
    FileRemove = 15,
    FileWatch = 16,

    /// <summary>Sends a folder with all in it, as <see cref="TreeEntry"/> and content by turns.</summary>
    FileExport = 17,

    /// <summary>Makes in a folder what is sent in the same form.</summary>
    FileImport = 18,

    /// <summary>Connects to a port of the cell's loopback; then bytes both ways.</summary>
    PortConnect = 20,

    Shutdown = 30,

    /// <summary>Closes every connection to the host, as a checkpoint needs it.</summary>
    Detach = 31,

    /// <summary>Answers with the number of processes beside the guest; 32 bits.</summary>
    ProcessCount = 32,
}

/// <summary>What the guest reports in the middle of a call.</summary>
internal enum CallEvent : byte
{
    None = 0,

    /// <summary>The command is under way (or known); payload: <see cref="ExecStarted"/>.</summary>
    ExecStarted = 1,

    /// <summary>Output was left out: the payload is the stream's tag and the number of bytes.</summary>
    Gap = 2,

    /// <summary>The port is connected, the folder is watched.</summary>
    Opened = 3,

    /// <summary>No more data will come, though the call is not over.</summary>
    EndOfOutput = 4,
}

/// <summary>Which output a data frame belongs to.</summary>
internal enum OutputStream : byte
{
    Stdout = 0,
    Stderr = 1,
}

/// <summary>Why a call failed.</summary>
internal enum ErrorCode : byte
{
    Internal = 0,
    NotFound = 1,
    Exists = 2,
    AccessDenied = 3,
    Invalid = 4,
    TooLarge = 5,
    NoSpace = 6,
    KeyConflict = 7,
    Busy = 8,
    UnknownKey = 9,
    Io = 10,
}
