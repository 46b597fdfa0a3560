using System.Globalization;

namespace OnCell.Indexing;

/// <summary>Remembers that a file was verified, so that gigabytes are not hashed at each start.</summary>
internal sealed class VerifiedStamp(string stampPath)
{
    /// <summary>Tells whether the file at <paramref name="path"/> was verified as <paramref name="file"/> and was not written since.</summary>
    public bool Holds(string path, ModelFile file) => File.Exists(stampPath) && File.ReadAllText(stampPath) == Text(path, file);

    public void Write(string path, ModelFile file) => File.WriteAllText(stampPath, Text(path, file));

    private static string Text(string path, ModelFile file)
    {
        var info = new FileInfo(path);
        return string.Create(CultureInfo.InvariantCulture, $"{file.Sha256} {info.Length} {info.LastWriteTimeUtc.Ticks} {path}");
    }
}
