using OnCell.Guest.Protocol;
using OnCell.Sandboxes.Host;

namespace OnCell.Sandboxes.Runtime;

/// <summary>
/// The root of a sandbox that waits in the warm pool: the guest's program, and empty places where a cell is mounted when it
/// comes. The folder is a shared mount, so what the host mounts below it appears in the running sandbox.
/// </summary>
/// <remarks>All names here are the host's own: no path of a cell, whose files its customer wrote, is ever resolved.</remarks>
internal sealed class WaitingRoot(string folder)
{
    internal const string Program = "/guest";

    private string Binds => Path.Combine(folder, "binds");

    /// <summary>Gets where the cell's root is mounted.</summary>
    internal string Cell => Path.Combine(folder, "cell");

    /// <summary>Makes the root of a sandbox that is about to boot.</summary>
    internal void Make(string guestProgram)
    {
        Mounts.Share(folder);
        Directory.CreateDirectory(Cell);
        Directory.CreateDirectory(Binds);
        Attach(guestProgram, folder + Program, writable: false, executable: true);
    }

    /// <summary>Mounts what a cell sees beside its root, and says where it is to see it.</summary>
    internal IReadOnlyList<MoveInBind> Attach(IReadOnlyList<SandboxBind> binds) =>
        [.. binds.Select((bind, index) => new MoveInBind(
            bind.Target, Attach(bind.Source, Path.Combine(Binds, $"{index}"), bind.Writable, bind.Executable)))];

    /// <returns>Whether it is a file.</returns>
    private static bool Attach(string source, string target, bool writable, bool executable)
    {
        var isFile = !Directory.Exists(source);
        if (isFile)
            File.Create(target).Dispose();
        else
            Directory.CreateDirectory(target);
        Mounts.Bind(source, target, writable, executable);
        return isFile;
    }
}
