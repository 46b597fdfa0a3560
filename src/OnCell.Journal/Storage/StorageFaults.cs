namespace OnCell.Journaling.Storage;

/// <summary>The points of the write protocol at which a fault test may stop the process.</summary>
internal enum ProtocolPoint
{
    BeforeStart,
    AfterStart,
    AfterBody,
    BeforeCommit,
    AfterCommit,
    AfterEnd,
    BlobWritten,
    BlobSynced,
    BlobRenamed,
    BlobFolderSynced,
}

/// <summary>What a fault test changes below the journal.</summary>
internal sealed record StorageFaults
{
    public static StorageFaults None { get; } = new();

    /// <summary>Gets the SQLite VFS to open the files with.</summary>
    public string? Vfs { get; init; }

    /// <summary>Gets the synchronous setting; anything but FULL is a control that must lose data.</summary>
    public string Synchronous { get; init; } = "FULL";

    /// <summary>Gets a value indicating whether files of large values are synced; without it is a control that must lose data.</summary>
    public bool SyncFiles { get; init; } = true;

    /// <summary>Gets how far the write-ahead log grows, in pages, before it is moved into the database.</summary>
    public int CheckpointPages { get; init; } = 4_000;

    /// <summary>Gets what is called at each point of the protocol.</summary>
    public Action<ProtocolPoint>? Reached { get; init; }

    public void Hit(ProtocolPoint point) => Reached?.Invoke(point);
}
