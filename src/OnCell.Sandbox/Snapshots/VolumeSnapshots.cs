using System.Globalization;
using System.Text.RegularExpressions;
using OnCell.Sandboxes.Host;
using OnCell.Sandboxes.Runtime;
using OnCell.Sandboxes.Volumes;

namespace OnCell.Sandboxes.Snapshots;

/// <summary>Snapshots of <see cref="CellVolume"/>: copies of the image file. No path inside a volume is ever followed.</summary>
internal sealed partial class VolumeSnapshots(Func<SandboxId, ISnapshotHome> home, KeyedLock<SandboxId> locks, VolumeOptions options) : ISandboxSnapshots
{
    private const string Extension = ".img";
    private const int ShownName = 80;

    public bool HasVolume(string folder) => new CellVolume(folder, options).Exists;

    public long Measure(string folder) => SparseFile.AllocatedBytes(new CellVolume(folder, options).ImagePath);

    public async Task<SandboxSnapshot> CreateAsync(SandboxId id, string folder, string? name, CancellationToken cancellationToken)
    {
        using var _ = await locks.TakeAsync(id, cancellationToken).ConfigureAwait(false);
        name ??= TimeProvider.System.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        var path = PathOf(folder, name);
        if (File.Exists(path))
            throw new SandboxException($"Sandbox {id} has a snapshot \"{name}\" already: remove it first, or use another name.");
        await home(id).Volume(folder).CopyToAsync(path, cancellationToken).ConfigureAwait(false);
        foreach (var old in List(folder).SkipLast(options.KeepSnapshots))
            File.Delete(PathOf(folder, old.Name));
        return Describe(path);
    }

    public IReadOnlyList<SandboxSnapshot> List(string folder)
    {
        var snapshots = FolderOf(folder);
        return Directory.Exists(snapshots)
            ? [.. Directory.GetFiles(snapshots, "*" + Extension).Select(Describe).OrderBy(s => s.Created).ThenBy(s => s.Name, StringComparer.Ordinal)]
            : [];
    }

    public async Task RestoreAsync(SandboxId id, string folder, string name, CancellationToken cancellationToken)
    {
        using var _ = await locks.TakeAsync(id, cancellationToken).ConfigureAwait(false);
        var snapshot = Existing(id, folder, name);
        var sandbox = home(id);
        if (await sandbox.FindRunningAsync(cancellationToken).ConfigureAwait(false) is { } running)
            throw new SandboxException($"Sandbox {id} runs ({running}): stop it before its volume is restored.");
        await sandbox.ClearAsync(cancellationToken).ConfigureAwait(false);
        new CheckpointFolder(folder).Remove(); // its processes know the files as they were
        await sandbox.Volume(folder).ReplaceAsync(snapshot, cancellationToken).ConfigureAwait(false);
    }

    public async Task RemoveAsync(SandboxId id, string folder, string name, CancellationToken cancellationToken)
    {
        var path = PathOf(folder, name);
        using var _ = await locks.TakeAsync(id, cancellationToken).ConfigureAwait(false);
        if (Directory.Exists(FolderOf(folder)))
            File.Delete(path);
    }

    public async Task ForkAsync(SandboxId id, string folder, string? snapshot, string newFolder, CancellationToken cancellationToken)
    {
        using var _ = await locks.TakeAsync(id, cancellationToken).ConfigureAwait(false);
        var source = home(id).Volume(folder);
        var target = new CellVolume(newFolder, options);
        await target.BecomeForkAsync(
            path => snapshot is null
                ? source.CopyToAsync(path, cancellationToken)
                : source.CopyImageAsync(Existing(id, folder, snapshot), path, cancellationToken)).ConfigureAwait(false);
    }

    private static string FolderOf(string folder) => Path.Combine(folder, "snapshots");

    private static string PathOf(string folder, string name) => NamePattern().IsMatch(name)
        ? Path.Combine(FolderOf(folder), name + Extension)
        : throw new ArgumentException($"\"{(name.Length <= ShownName ? name : name[..ShownName] + "…")}\" cannot name a snapshot: use 1 to 63 of a-z, 0-9 and -, starting with a letter or digit.", nameof(name));

    private static string Existing(SandboxId id, string folder, string name) => PathOf(folder, name) is var path && File.Exists(path)
        ? path
        : throw new SandboxException($"Sandbox {id} has no snapshot \"{name}\".");

    private static SandboxSnapshot Describe(string path) => new(
        Path.GetFileNameWithoutExtension(path), new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero), SparseFile.AllocatedBytes(path));

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex NamePattern();
}
