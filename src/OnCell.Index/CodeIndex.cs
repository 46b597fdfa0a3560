using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OnCell.Indexing.Embedding;
using OnCell.Indexing.Ignoring;
using OnCell.Indexing.Scanning;
using OnCell.Indexing.Search;
using OnCell.Indexing.Storage;

namespace OnCell.Indexing;

/// <summary>An embedded code search: one database file, offline, incremental, aware of <c>.gitignore</c>.</summary>
/// <remarks>
/// <para>
/// Trust: the indexed folder may be hostile and may change while it is read. Symbolic links are never followed, FIFOs and
/// devices never opened, nothing outside the root is read, and every size is limited (<see cref="CodeIndexOptions"/>).
/// The database file must lie where the owner of the folder cannot write.
/// </para>
/// <para>
/// Durability: work is committed in batches. A process killed at any moment leaves a usable index of what was committed;
/// the next run finishes it. Instances are safe for concurrent use: searches run beside an index run and see the last
/// committed batch.
/// </para>
/// </remarks>
public sealed class CodeIndex : IAsyncDisposable
{
    private readonly IndexDatabase _database;
    private readonly CodeIndexOptions _options;
    private readonly SearchEngine _search;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _indexing = new(1, 1);

    private CodeIndex(IndexDatabase database, CodeIndexOptions options)
    {
        _database = database;
        _options = options;
        var inSqlite = options is { VectorScan: VectorScan.Sqlite, EmbeddingGenerator: not null };
        _logger = options.LoggerFactory.CreateLogger<CodeIndex>();
        _search = new SearchEngine(database, inSqlite ? new SqliteVectorScan() : new MemoryVectorScan(), _logger);
    }

    /// <summary>Gets what answers queries, for tuning and tests.</summary>
    internal SearchEngine Engine => _search;

    /// <summary>Opens the index at <paramref name="databasePath"/>, creating it where there is none.</summary>
    /// <param name="databasePath">The database file; its folder must exist.</param>
    /// <param name="options">Limits and services, or <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Cancels the opening.</param>
    /// <returns>The opened index. A database of an older schema is emptied and filled by the next run.</returns>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.DatabaseUnusable"/>.</exception>
    public static Task<CodeIndex> OpenAsync(
        string databasePath, CodeIndexOptions? options = null, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(databasePath);
        options ??= new CodeIndexOptions();
        return Task.Run(
            () =>
            {
                var (database, emptied) = IndexDatabase.Open(databasePath);
                var index = new CodeIndex(database, options);
                if (emptied) IndexLog.Emptied(index._logger, databasePath);
                return index;
            },
            ct);
    }

    /// <summary>Brings the index up to date with the folder <paramref name="root"/>.</summary>
    /// <param name="root">The folder; paths in hits are relative to it.</param>
    /// <param name="request">Which files, or <see langword="null"/> for every text file.</param>
    /// <param name="progress">Told at most a few times a second where the run stands.</param>
    /// <param name="ct">Cancels the run; batches committed before stay, and the index stays usable.</param>
    /// <returns>What was done, with every skipped entry counted by reason.</returns>
    /// <exception cref="CodeIndexException">
    /// <see cref="CodeIndexError.RootUnreadable"/>, <see cref="CodeIndexError.InvalidGlob"/>,
    /// <see cref="CodeIndexError.NothingToIndex"/>.
    /// </exception>
    public async Task<IndexReport> IndexAsync(
        string root,
        IndexRequest? request = null,
        IProgress<IndexProgress>? progress = null,
        CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        var globs = GlobSet.Parse(request?.Globs ?? []);
        await _indexing.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await Task.Run(
                async () =>
                {
                    using IWorkTree tree = OperatingSystem.IsLinux() ? LinuxWorkTree.Open(root) : new PortableWorkTree(root);
                    using var connection = _database.Connect();
                    var run = new IndexRun(connection, tree, globs, _options, progress, _logger);
                    var report = await run.RunAsync(ct).ConfigureAwait(false);
                    IndexLog.Indexed(
                        _logger, root, report.FilesIndexed, report.FilesUnchanged, report.FilesRemoved, report.Chunks,
                        (long)report.Duration.TotalMilliseconds);
                    return report;
                },
                ct).ConfigureAwait(false);
        }
        catch (SqliteException e)
        {
            throw _database.Unusable(e);
        }
        finally
        {
            _indexing.Release();
        }
    }

    /// <summary>Finds the code that answers <paramref name="query"/> best.</summary>
    /// <param name="query">
    /// Plain language or identifiers, at most 4,096 characters. <c>"exact words"</c>, <c>regex:"ab+c"</c> (or without the
    /// quotation marks, up to the next blank), <c>path:src/**</c> and <c>lang:python</c> narrow the hits.
    /// </param>
    /// <param name="options">How many hits and which, or <see langword="null"/> for the defaults.</param>
    /// <param name="ct">Cancels the search.</param>
    /// <returns>The hits, best first; empty where nothing matches.</returns>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.InvalidQuery"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="SearchOptions.TopK"/> is out of range.</exception>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(
        string query, SearchOptions? options = null, CancellationToken ct = default)
    {
        options ??= new SearchOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.TopK, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.TopK, SearchOptions.MaxTopK, nameof(options));
        var parsed = SearchQuery.Parse(query);
        var vector = await EmbedAsync(parsed, query, ct).ConfigureAwait(false);
        return await Task.Run(() => _search.Search(parsed, vector, _options.EmbeddingModel, options, ct), ct).ConfigureAwait(false);
    }

    private async Task<sbyte[]?> EmbedAsync(SearchQuery query, string text, CancellationToken ct)
    {
        if (_options.EmbeddingGenerator is not { } generator || query.IsSymbol) return null;
        var vectors = await generator.GenerateAsync([text], cancellationToken: ct).ConfigureAwait(false);
        return vectors.Count == 0 ? null : QuantizedVector.Quantize(vectors[0].Vector.Span);
    }

    /// <summary>Finds definitions by name, whatever their case.</summary>
    /// <param name="name">A name or a part of one; equal names come first, then those that begin with it.</param>
    /// <param name="topK">How many are wanted at most, 1 to 1,000.</param>
    /// <param name="ct">Cancels the search.</param>
    /// <returns>The definitions; empty where there are none.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="topK"/> is out of range.</exception>
    public Task<IReadOnlyList<CodeSymbol>> SymbolsAsync(string name, int topK = 20, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topK, SearchOptions.MaxTopK);
        return Task.Run(() => _search.FindSymbols(name, topK, ct), ct);
    }

    /// <summary>Finds code in other files that has to do with a place: it shares the identifiers that set the place apart.</summary>
    /// <param name="path">The file, as in <see cref="SearchHit.Path"/>.</param>
    /// <param name="line">The line, counted from 1.</param>
    /// <param name="topK">How many hits are wanted at most, 1 to 1,000.</param>
    /// <param name="ct">Cancels the search.</param>
    /// <returns>The hits, best first.</returns>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.InvalidQuery"/>: the file is not indexed.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="line"/> or <paramref name="topK"/> is out of range.</exception>
    public async Task<IReadOnlyList<SearchHit>> RelatedAsync(
        string path, int line, int topK = 10, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(line, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(topK, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topK, SearchOptions.MaxTopK);
        return await Task.Run(() => _search.FindRelated(path, line, topK, ct), ct).ConfigureAwait(false)
            ?? throw new CodeIndexException(
                CodeIndexError.InvalidQuery,
                $"The file '{path}' is not in the index. Give a path as it stands in a hit, relative to the indexed root.");
    }

    /// <summary>Draws a map of the repository for a model's context: the files that others rely on most, with what they define.</summary>
    /// <param name="tokenBudget">How many tokens the map may take, at about four characters each; 64 to 1,000,000.</param>
    /// <param name="ct">Cancels the drawing.</param>
    /// <returns>The map; empty where nothing is indexed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="tokenBudget"/> is out of range.</exception>
    public Task<RepoMap> RepoMapAsync(int tokenBudget = 2_000, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokenBudget, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenBudget, 1_000_000);
        return Task.Run(() => _search.Map(tokenBudget, ct), ct);
    }

    /// <summary>Waits for a running index run and closes the database.</summary>
    /// <returns>A task that ends when the file is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _indexing.WaitAsync().ConfigureAwait(false);
        _search.Dispose();
        _indexing.Release();
    }
}
