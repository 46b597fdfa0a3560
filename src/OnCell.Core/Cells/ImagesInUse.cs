namespace OnCell.Cells;

/// <summary>Which base system each cell was last started with, noted in its folder: a stopped cell, or one whose agent is gone, has one too.</summary>
internal sealed class ImagesInUse(CellPaths paths)
{
    private const string FileName = "image";

    public void Note(string cell, string digest)
    {
        var file = Path.Combine(paths.Cell(cell), FileName);
        if (File.Exists(file) && File.ReadAllText(file) == digest) return; // every start comes here
        Directory.CreateDirectory(paths.Cell(cell));
        File.WriteAllText(file + ".new", digest);
        File.Move(file + ".new", file, overwrite: true);
    }

    public IReadOnlySet<string> Read() => Directory.Exists(paths.Cells)
        ? Directory.GetDirectories(paths.Cells).Select(folder => Read(Path.Combine(folder, FileName))).OfType<string>().ToHashSet(StringComparer.Ordinal)
        : new HashSet<string>();

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
