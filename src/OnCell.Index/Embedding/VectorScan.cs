namespace OnCell.Indexing;

/// <summary>How the chunks nearest to a query's vector are found.</summary>
public enum VectorScan
{
    /// <summary>In memory: the vectors take one byte for each dimension of each chunk, and a scan a few milliseconds.</summary>
    Memory,

    /// <summary>
    /// In SQLite, through the extension sqlite-vec that this library carries for Linux, macOS and Windows on x64 and Linux and macOS on
    /// arm64: many times slower, and nothing is kept in memory.
    /// </summary>
    Sqlite,
}
