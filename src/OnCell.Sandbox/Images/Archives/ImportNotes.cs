using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OnCell.Sandboxes.Images.Archives;

/// <summary>
/// Notes which image an archive gave, so that a cell that wakes need not read the archive again. An archive that was
/// changed since (size or time) is read anew.
/// </summary>
internal sealed class ImportNotes(string imageFolder)
{
    private readonly string _folder = Path.Combine(imageFolder, ".imports");

    /// <summary>Gets the digest that was noted for what is at a path now, if any.</summary>
    internal string? Find(string path)
    {
        var note = NoteOf(path);
        return note is not null && File.Exists(note) ? File.ReadAllText(note) : null;
    }

    internal void Add(string path, string digest)
    {
        if (NoteOf(path) is not { } note)
            return;
        Directory.CreateDirectory(_folder);
        File.WriteAllText(note + ".new", digest);
        File.Move(note + ".new", note, overwrite: true);
    }

    private string? NoteOf(string path)
    {
        var file = new FileInfo(Directory.Exists(path) ? Path.Combine(path, "index.json") : path);
        if (!file.Exists)
            return null;
        var stamp = string.Create(CultureInfo.InvariantCulture, $"{path}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}");
        return Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stamp)).AsSpan(0, 12)));
    }
}
