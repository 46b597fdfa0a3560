using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnCell.Sandboxes.Runtime;

/// <summary>The memory and processes of a stopped sandbox, beside its volume.</summary>
/// <remarks>
/// It is of use once, and only with the volume as it was left: whoever starts the sandbox or changes the volume takes it
/// away first. Written aside and renamed, so it is whole or not there.
/// </remarks>
internal sealed class CheckpointFolder(string sandboxFolder)
{
    // The state of gVisor's kernel; the smallest whole one has some hundred KB, the one of a kernel that panicked some hundred bytes.
    private const string StateFile = "checkpoint.img";
    private const long LeastStateBytes = 16 << 10;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path = System.IO.Path.Combine(sandboxFolder, "checkpoint");

    /// <summary>Gets whether there is a checkpoint.</summary>
    internal bool Exists => File.Exists(NoteOf(_path));

    /// <summary>Gets the folder into which runsc writes.</summary>
    internal string Aside => _path + ".new";

    private string Taken => _path + ".taken";

    /// <summary>Makes the empty folder for runsc.</summary>
    internal void Begin()
    {
        Remove();
        Directory.CreateDirectory(Aside, OwnerOnly);
    }

    /// <summary>Looks whether what runsc wrote can be a checkpoint; says what is wrong.</summary>
    internal string? FindFault()
    {
        var state = new FileInfo(System.IO.Path.Combine(Aside, StateFile));
        return !state.Exists ? $"there is no {StateFile}"
            : state.Length < LeastStateBytes ? $"{StateFile} has {state.Length} bytes only: gVisor's kernel ended while it saved itself"
            : null;
    }

    /// <summary>Makes what runsc wrote the checkpoint.</summary>
    internal void Publish(CheckpointNote note)
    {
        File.WriteAllText(NoteOf(Aside), JsonSerializer.Serialize(note, CheckpointJson.Default.CheckpointNote));
        Directory.Move(Aside, _path);
    }

    /// <summary>Takes the checkpoint away, so that it is never used twice, and checks that it fits what is to be started.</summary>
    /// <returns>The folder for runsc, and what is wrong with it otherwise; neither where there is no checkpoint.</returns>
    internal (string? Image, string? Fault) Take(CheckpointNote wanted)
    {
        if (!Exists)
        {
            Remove();
            return default;
        }

        if (Directory.Exists(Taken))
            Directory.Delete(Taken, recursive: true);
        Directory.Move(_path, Taken);
        var note = ReadNote();
        return note == wanted
            ? (Taken, null)
            : (null, note is null ? "its note cannot be read" : note.Runsc == wanted.Runsc ? "the sandbox's image, caps or guest have changed since" : $"it was made by {note.Runsc}");
    }

    private CheckpointNote? ReadNote()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(NoteOf(Taken)), CheckpointJson.Default.CheckpointNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the checkpoint and what is left of any other.</summary>
    internal void Remove()
    {
        foreach (var path in (string[])[_path, Aside, Taken])
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
    }

    private static string NoteOf(string path) => System.IO.Path.Combine(path, "checkpoint.json");
}

/// <summary>What a checkpoint fits.</summary>
/// <param name="Runsc">Path, size and time of the runsc that made it.</param>
/// <param name="Config">A digest of the OCI configuration.</param>
/// <param name="Guest">Path, size and time of the guest program.</param>
internal sealed record CheckpointNote(string Runsc, string Config, string Guest);

[JsonSerializable(typeof(CheckpointNote))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
