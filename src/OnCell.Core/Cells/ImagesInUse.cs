namespace OnCell.Cells;

/// <summary>
/// Which base system each cell, or local model, was last started with, noted in its folder: a stopped cell, or one whose agent is gone, has
/// one too.
/// </summary>
/// <param name="folder">The folder in which each has its own.</param>
internal sealed class ImagesInUse(string folder)
{
    private const string FileName = "image";

    public void Note(string name, string digest)
    {
        var own = Path.Combine(folder, name);
        var file = Path.Combine(own, FileName);
        if (File.Exists(file) && File.ReadAllText(file) == digest) return; // every start comes here
        Directory.CreateDirectory(own);
        File.WriteAllText(file + ".new", digest);
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Reads the digest that each was last started with, by name.</summary>
    public IReadOnlyDictionary<string, string> Read() => Directory.Exists(folder)
        ? Directory.GetDirectories(folder)
            .Select(own => (Name: Path.GetFileName(own), Digest: Read(Path.Combine(own, FileName))))
            .Where(note => note.Digest is not null)
            .ToDictionary(note => note.Name, note => note.Digest!, StringComparer.Ordinal)
        : new Dictionary<string, string>();

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // never started, or just being deleted
        }
    }
}
