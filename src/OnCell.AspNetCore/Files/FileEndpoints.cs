using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Description;
using OnCell.AspNetCore.Requests;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Files;

/// <summary>A look at a cell's files, for people. The cell's guest opens every path inside the cell.</summary>
internal static class FileEndpoints
{
    private const int MaxEntries = 5000;
    private const int MaxShown = 512 << 10;

    /// <summary>As git does: a zero byte near the beginning makes a file binary.</summary>
    private const int Sniffed = 8000;

    public static void Map(RouteGroupBuilder group)
    {
        var files = group.MapGroup("/cells/{customer}/files").RequireAuthorization(OnCellPolicies.Run).WithTags("cells");
        files.MapGet("", ListAsync).Describe("cells.files", "Lists a folder of the cell, folders first; wakes it.").Queries(("path", "Absolute in the cell, or relative to /work."));
        files.MapGet("/content", ReadAsync).Describe("cells.files.content", "Shows a text file of the cell, of at most 512 KiB; wakes it.").Queries(("path", "Absolute in the cell, or relative to /work."));
    }

    private static async Task<FolderView> ListAsync(string customer, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var path = Ask.One(request, "path") ?? "/work";
        using var session = await cells.OpenSessionAsync(customer, ct);
        var entries = await Guard(path, () => session.Files.ListAsync(path, ct));
        return new FolderView(path, entries.Count > MaxEntries, [.. entries
            .OrderBy(e => e.Kind != SandboxFileKind.Folder).ThenBy(e => e.Name, StringComparer.Ordinal).Take(MaxEntries)]);
    }

    private static async Task<FileView> ReadAsync(string customer, HttpRequest request, ICellManager cells, CancellationToken ct)
    {
        var path = Ask.Required(request, "path", "Name the file: ?path=README.md.");
        using var session = await cells.OpenSessionAsync(customer, ct);
        var found = await Guard(path, () => session.Files.StatAsync(path, ct)) ?? throw Missing(path);
        if (found.Kind != SandboxFileKind.File) throw Ask.Invalid("path", $"{path} is no regular file.");
        if (found.Length > MaxShown) return new FileView(path, found.Length, null, "It is too large to be shown.");
        var content = await Guard(path, () => session.Files.ReadAsync(path, MaxShown, ct));
        return content.AsSpan(0, Math.Min(content.Length, Sniffed)).Contains((byte)0)
            ? new FileView(path, found.Length, null, "It is not text.")
            : new FileView(path, found.Length, Encoding.UTF8.GetString(content), null);
    }

    private static async Task<T> Guard<T>(string path, Func<Task<T>> look)
    {
        try
        {
            return await look();
        }
        catch (FileNotFoundException)
        {
            throw Missing(path);
        }
        catch (Exception e) when (e is SandboxException and not SandboxLostException || e is ArgumentException)
        {
            throw Ask.Invalid("path", e.Message);
        }
    }

    private static OnCellException Missing(string path) => new(OnCellError.NotFound, $"There is nothing at {path} in the cell.") { Field = "path" };
}

/// <summary>A folder of a cell: folders first.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Truncated">Whether there are more entries than are listed.</param>
/// <param name="Entries">What is in it.</param>
internal sealed record FolderView(string Path, bool Truncated, IReadOnlyList<SandboxFile> Entries);

/// <summary>A file of a cell, as text where it can be shown.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Text">What is in it.</param>
/// <param name="Reason">Why nothing of it is shown.</param>
internal sealed record FileView(string Path, long Length, string? Text, string? Reason);
