using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Docker.DotNet.Models;

namespace OnCell.Sandboxes.Docker;

/// <summary>One entry at the top of a root file system.</summary>
/// <param name="Name">Its name, without slashes.</param>
/// <param name="Path">The host's path of it.</param>
/// <param name="LinkTarget">Where it points, if it is a symbolic link.</param>
/// <param name="IsFolder">Whether it is a folder, and no link to one.</param>
internal sealed record RootEntry(string Name, string Path, string? LinkTarget, bool IsFolder);

/// <summary>
/// The engine can mount anything but the root itself. So a container's root is an image of a few hundred bytes that has only
/// the names at the top of the cell's root, read-only; each folder of that is mounted over it.
/// </summary>
internal static class RootSkeleton
{
    internal const string Repository = "oncell-root";

    // The runtime's own, or mounted from the volume.
    private static readonly string[] Reserved = ["proc", "sys", "dev", "work", "tmp", "oncell"];

    private static readonly string[] Folders = [.. Reserved, "run", "etc", "var"];

    /// <summary>Lists the top of a root, but what the runtime mounts itself. Links are not followed.</summary>
    internal static IReadOnlyList<RootEntry> Read(string root) =>
    [
        .. new DirectoryInfo(root).EnumerateFileSystemInfos()
            .Where(info => !Reserved.Contains(info.Name))
            .Select(info => new RootEntry(
                info.Name, info.FullName, info.LinkTarget, info.LinkTarget is null && info.Attributes.HasFlag(FileAttributes.Directory)))
            .OrderBy(entry => entry.Name, StringComparer.Ordinal),
    ];

    /// <summary>Makes the image of a root where the engine lacks it, and returns its name.</summary>
    internal static async Task<string> RequireAsync(DockerEngine engine, IReadOnlyList<RootEntry> entries, CancellationToken cancellationToken)
    {
        var names = string.Join('\0', entries.Select(e => $"{(e.IsFolder ? 'd' : e.LinkTarget is null ? 'f' : 'l')}{e.Name}\0{e.LinkTarget}"));
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(names)).AsSpan(0, 8));
        var name = $"{Repository}:{tag}";
        try
        {
            await engine.CallAsync("look at an image", (client, token) => client.Images.InspectImageAsync(name, token), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (DockerEngineException error) when (error.NotFound)
        {
            using var stream = new MemoryStream(Archive(entries));
            await engine.CallAsync(
                "import the root's image",
                (client, token) => client.Images.CreateImageAsync(
                    new ImagesCreateParameters { FromSrc = "-", Repo = Repository, Tag = tag }, stream, null, new Progress<JSONMessage>(), token),
                cancellationToken).ConfigureAwait(false);
        }

        return name;
    }

    private static byte[] Archive(IReadOnlyList<RootEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, TarEntryFormat.Pax, leaveOpen: true))
        {
            var links = entries.Where(e => e.LinkTarget is not null).Select(e => e.Name);
            foreach (var folder in Folders.Except(links).Union(entries.Where(e => e.IsFolder).Select(e => e.Name)).Order(StringComparer.Ordinal))
                Add(writer, TarEntryType.Directory, folder + "/", (UnixFileMode)0b111_101_101);
            foreach (var link in entries.Where(e => e.LinkTarget is not null))
                Add(writer, TarEntryType.SymbolicLink, link.Name, (UnixFileMode)0b111_111_111, link.LinkTarget);
            foreach (var file in entries.Where(e => e is { IsFolder: false, LinkTarget: null }))
                Add(writer, TarEntryType.RegularFile, file.Name, (UnixFileMode)0b100_100_100);
        }

        return buffer.ToArray();
    }

    private static void Add(TarWriter writer, TarEntryType type, string name, UnixFileMode mode, string? target = null)
    {
        var entry = new PaxTarEntry(type, name) { Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch };
        if (target is not null)
            entry.LinkName = target;
        writer.WriteEntry(entry);
    }
}
