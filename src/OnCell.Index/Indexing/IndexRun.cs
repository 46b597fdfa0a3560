using System.Text;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using OnCell.Indexing.Chunking;
using OnCell.Indexing.Embedding;
using OnCell.Indexing.Ignoring;
using OnCell.Indexing.Scanning;
using OnCell.Indexing.Storage;

namespace OnCell.Indexing;

/// <summary>One run of <see cref="CodeIndex.IndexAsync"/>: scan, compare, read what changed, write batches.</summary>
internal sealed class IndexRun(
    SqliteConnection connection,
    IWorkTree tree,
    GlobSet globs,
    CodeIndexOptions options,
    IProgress<IndexProgress>? progress,
    ILogger logger)
{
    /// <summary>A file written this shortly before a scan may be written again with the same time.</summary>
    private const long RacyNs = 2_000_000_000;

    private const long ProgressEveryMs = 250;

    private long _lastProgress;

    /// <summary>What became of one changed file.</summary>
    private readonly record struct Outcome(ScannedFile File, StoredFile? Stored, FileDocument? Document, FileStamp Stamp, string? Skipped)
    {
        public bool IsSame => Document is null && Skipped is null;
    }

    public async Task<IndexReport> RunAsync(CancellationToken ct)
    {
        var started = options.TimeProvider.GetTimestamp();
        var scanTimeNs = options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        Report("scan", 0, 0, 0, force: true);
        var scan = new TreeScanner(tree, globs, options).Scan(ct);
        if (scan.Files.Count == 0) throw Nothing("no file matched", scan.Skipped);

        var stored = ReadStored();
        var changed = FindChanged(scan.Files, stored, IndexDatabase.Scalar(connection, "SELECT value FROM meta WHERE key = 'last_scan_ns'"));

        using var writer = new IndexWriter(connection);
        var indexed = 0;
        var unchanged = scan.Files.Count - changed.Count;
        var unindexable = new HashSet<string>(StringComparer.Ordinal);
        var done = 0;
        await foreach (var outcome in ReadChangedAsync(changed, stored, ct).ConfigureAwait(false))
        {
            ct.ThrowIfCancellationRequested();
            done++;
            var committed = false;
            if (outcome.Skipped is { } reason)
            {
                scan.Skipped.Add(reason);
                IndexLog.Skipped(logger, outcome.File.Path, reason);
                unindexable.Add(outcome.File.Path);
            }
            else if (outcome.IsSame)
            {
                unchanged++;
                writer.Touch(outcome.Stored!, outcome.Stamp);
            }
            else
            {
                indexed++;
                writer.Add(outcome.Document!, outcome.Stored);
                committed = writer.BatchBytes >= options.BatchBytes;
                if (committed) writer.Commit();
            }

            Report("index", done, changed.Count, writer.ChunksWritten, force: committed);
        }

        if (indexed + unchanged == 0) throw Nothing("none of the matching files can be indexed", scan.Skipped);

        var removed = Remove(writer, scan.Files, unindexable, stored);
        if (indexed + removed + changed.Count > 0)
        {
            writer.SetMeta("last_scan_ns", scanTimeNs);
            writer.Commit();
        }

        Report("merge", done, changed.Count, writer.ChunksWritten, force: true);
        if (SegmentMerger.MergeIfNeeded(writer, connection)) writer.Commit();
        if (options.EmbeddingGenerator is { } generator)
        {
            var pass = new EmbeddingPass(connection, generator, options.EmbeddingModel);
            await pass.RunAsync(writer, (d, t) => Report("embed", d, t, writer.ChunksWritten), ct).ConfigureAwait(false);
        }

        var report = new IndexReport(
            scan.Files.Count,
            indexed,
            unchanged,
            removed,
            (int)IndexDatabase.Scalar(connection, "SELECT count(*) FROM chunk"),
            IndexDatabase.Scalar(connection, "SELECT ifnull(sum(lines), 0) FROM file"),
            scan.Skipped.Counts,
            options.TimeProvider.GetElapsedTime(started));
        Report("done", done, changed.Count, writer.ChunksWritten, force: true);
        return report;
    }

    private Dictionary<string, StoredFile> ReadStored()
    {
        var stored = new Dictionary<string, StoredFile>(StringComparer.Ordinal);
        using var read = new RawStatement(
            connection,
            "SELECT path, id, size, modified_ns, changed_ns, hash, first_chunk, length(lengths) / 2 FROM file");
        while (read.Step())
        {
            var stamp = new FileStamp(read.Long(2), read.Long(3), read.Long(4));
            stored.Add(
                read.Text(0),
                new StoredFile(read.Long(1), stamp, read.Blob(5).ToArray(), read.Long(6), (int)read.Long(7)));
        }

        return stored;
    }

    private static List<ScannedFile> FindChanged(
        List<ScannedFile> files, Dictionary<string, StoredFile> stored, long lastScanNs)
    {
        var changed = new List<ScannedFile>();
        foreach (var file in files)
        {
            if (!stored.TryGetValue(file.Path, out var known)
                || known.Stamp != file.Stamp
                || Math.Max(file.Stamp.ModifiedNs, file.Stamp.ChangedNs) >= lastScanNs - RacyNs)
            {
                changed.Add(file);
            }
        }

        return changed;
    }

    /// <summary>Reads, cuts and tokenises files on the other processors, a bounded number ahead of the writer.</summary>
    private async IAsyncEnumerable<Outcome> ReadChangedAsync(
        List<ScannedFile> changed,
        Dictionary<string, StoredFile> stored,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        if (changed.Count == 0) yield break;
        var workers = Math.Clamp(Environment.ProcessorCount - 1, 1, 4);
        var ready = Channel.CreateBounded<Outcome>(new BoundedChannelOptions(64) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var next = -1;
        var readers = Enumerable.Range(0, workers).Select(_ => Task.Run(
            async () =>
            {
                var builder = new DocumentBuilder(BoundaryChunker.Instance);
                var buffer = new byte[64 * 1024];
                for (int i; (i = Interlocked.Increment(ref next)) < changed.Count;)
                {
                    var outcome = Build(changed[i], stored.GetValueOrDefault(changed[i].Path), builder, ref buffer);
                    await ready.Writer.WriteAsync(outcome, stop.Token).ConfigureAwait(false);
                }
            },
            stop.Token)).ToArray();
        var all = Task.WhenAll(readers);
        _ = all.ContinueWith(t => ready.Writer.TryComplete(t.Exception?.InnerException), TaskScheduler.Default);
        try
        {
            await foreach (var outcome in ready.Reader.ReadAllAsync(ct).ConfigureAwait(false)) yield return outcome;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // failures came through the channel
        }
    }

    private Outcome Build(ScannedFile file, StoredFile? known, DocumentBuilder builder, ref byte[] buffer)
    {
        var path = Encoding.UTF8.GetBytes(file.Path);
        var skipped = tree.ReadFile(path, ref buffer, options.MaxFileBytes, out var length, out var stamp);
        if (skipped is not null) return new Outcome(file, known, null, stamp, skipped);

        var bytes = buffer.AsSpan(0, length);
        if (known is not null && known.Hash.AsSpan().SequenceEqual(DocumentBuilder.Hash(bytes)))
            return new Outcome(file, known, null, stamp, null);
        var document = builder.Build(file.Path, stamp, bytes, out skipped);
        return new Outcome(file, known, document, stamp, skipped);
    }

    private static int Remove(
        IndexWriter writer, List<ScannedFile> files, HashSet<string> unindexable, Dictionary<string, StoredFile> stored)
    {
        var kept = new HashSet<string>(files.Count, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!unindexable.Contains(file.Path)) kept.Add(file.Path);
        }

        var removed = 0;
        foreach (var (path, file) in stored)
        {
            if (kept.Contains(path)) continue;
            writer.Remove(file);
            removed++;
        }

        return removed;
    }

    private void Report(string phase, int done, int total, int chunks, bool force = false)
    {
        if (progress is null) return;
        var now = Environment.TickCount64;
        if (!force && now - _lastProgress < ProgressEveryMs) return;
        _lastProgress = now;
        progress.Report(new IndexProgress(phase, done, total, chunks));
    }

    private static CodeIndexException Nothing(string why, SkipCounts skipped)
    {
        var reasons = skipped.Counts.Count == 0
            ? "Nothing was skipped: is the folder empty?"
            : "Skipped: " + string.Join(", ", skipped.Counts.Select(s => $"{s.Value} {s.Key}")) + ".";
        return new CodeIndexException(
            CodeIndexError.NothingToIndex, $"Nothing to index: {why}. {reasons} Check the root, the globs and the ignore files.");
    }
}
