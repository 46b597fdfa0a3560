using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OnCell.Indexing;

/// <summary>Limits and services of a <see cref="CodeIndex"/>.</summary>
/// <remarks>
/// Every limit exists because the folder being indexed is not trusted: what goes over one is skipped and counted in
/// <see cref="IndexReport.Skipped"/>, never a failure of the whole run.
/// </remarks>
public sealed record CodeIndexOptions
{
    /// <summary>Gets the largest file that is read, in bytes.</summary>
    /// <value>The default is 1 MiB.</value>
    public int MaxFileBytes { get; init; } = 1024 * 1024;

    /// <summary>Gets how many files one run indexes at most.</summary>
    /// <value>The default is 250,000.</value>
    public int MaxFiles { get; init; } = 250_000;

    /// <summary>Gets how much text one run indexes at most, in bytes; files beyond are skipped.</summary>
    /// <value>The default is 2 GiB. The database becomes about two and a half times as large as the text.</value>
    public long MaxTotalBytes { get; init; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Gets how long the tree is walked at most; what is then not seen is skipped.</summary>
    /// <value>The default is two minutes. A million entries take about ten seconds.</value>
    public TimeSpan MaxScanTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets how many entries of one folder are read at most; the rest of that folder is skipped.</summary>
    /// <value>The default is 100,000.</value>
    public int MaxFolderEntries { get; init; } = 100_000;

    /// <summary>Gets how many entries of the whole tree are looked at in one run.</summary>
    /// <value>The default is 2,000,000.</value>
    public int MaxEntries { get; init; } = 2_000_000;

    /// <summary>Gets how deep folders may nest.</summary>
    /// <value>The default is 64.</value>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Gets how much source text goes into one crash-safe batch, in bytes.</summary>
    /// <value>The default is 16 MiB. Smaller batches lose less work in a crash and need less memory.</value>
    public int BatchBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Gets the names of the product's own ignore files, read like <c>.gitignore</c> and after it.</summary>
    /// <value>The default is <c>.oncellignore</c>.</value>
    public IReadOnlyList<string> IgnoreFileNames { get; init; } = [".oncellignore"];

    /// <summary>Gets a file of ignore patterns for every root, as git's <c>core.excludesFile</c>.</summary>
    /// <value>
    /// The default is <see langword="null"/>. It is a path of the host; the setting inside a repository's own
    /// configuration is not followed, because the repository could name any file with it.
    /// </value>
    public string? ExcludesFile { get; init; }

    /// <summary>Gets what turns text into vectors, to find code that shares no word with the query.</summary>
    /// <value>
    /// The default is <see langword="null"/>: search by words alone, which needs no model. A generator sees the text of every
    /// chunk and every query in plain language; one that calls a service sends them there.
    /// </value>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; init; }

    /// <summary>Gets the name of the generator's model; vectors of another name are made anew.</summary>
    /// <value>The default is <c>default</c>.</value>
    public string EmbeddingModel { get; init; } = "default";

    /// <summary>Gets how vectors are scanned for the nearest.</summary>
    /// <value>The default is <see cref="VectorScan.Memory"/>. Without a generator it has no effect.</value>
    public VectorScan VectorScan { get; init; }

    /// <summary>Gets the clock used for durations and to notice files written during the last run.</summary>
    /// <value>The default is <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets the logger factory. Paths are logged; file contents and queries never are.</summary>
    /// <value>The default writes nothing.</value>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
