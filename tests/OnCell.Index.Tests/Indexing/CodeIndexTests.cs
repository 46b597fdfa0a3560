using OnCell.Index.Tests.Support;
using OnCell.Indexing;

namespace OnCell.Index.Tests.Indexing;

public sealed class CodeIndexTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Work => _folder.Path("work");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Finds_a_definition_by_plain_words()
    {
        _folder.Write("work/src/auth_middleware.py", "class AuthMiddleware:\n    def check_token(self, request):\n        return request.token\n");
        _folder.Write("work/src/views.py", "from auth_middleware import AuthMiddleware\n\ndef index(request):\n    return 'hello'\n");
        await using var index = await OpenAsync();
        var report = await index.IndexAsync(Work, ct: Token);
        var hits = await index.SearchAsync("authentication middleware", ct: Token);

        Assert.Equal(2, report.FilesIndexed);
        Assert.Equal(2, report.Chunks);
        Assert.Equal("src/auth_middleware.py", hits[0].Path);
        Assert.Equal((1, 3), (hits[0].StartLine, hits[0].EndLine));
        Assert.Contains("class AuthMiddleware", hits[0].Content, StringComparison.Ordinal);
        Assert.All(hits, h => Assert.InRange(h.Score, 0, 1));
    }

    [Fact]
    public async Task Runs_are_incremental()
    {
        _folder.Write("work/a.py", "def alpha(): pass\n");
        _folder.Write("work/b.py", "def beta(): pass\n");
        await using var index = await OpenAsync();
        await index.IndexAsync(Work, ct: Token);
        var again = await index.IndexAsync(Work, ct: Token);
        Assert.Equal((0, 2, 0), (again.FilesIndexed, again.FilesUnchanged, again.FilesRemoved));

        _folder.Write("work/a.py", "def gamma(): pass\n");
        File.Delete(_folder.Path("work/b.py"));
        var changed = await index.IndexAsync(Work, ct: Token);
        Assert.Equal((1, 0, 1), (changed.FilesIndexed, changed.FilesUnchanged, changed.FilesRemoved));
        Assert.Empty(await index.SearchAsync("beta", ct: Token));
        Assert.Empty(await index.SearchAsync("alpha", ct: Token));
        Assert.Single(await index.SearchAsync("gamma", ct: Token));
    }

    [Fact]
    public async Task A_write_with_size_and_time_kept_is_seen()
    {
        var path = _folder.Write("work/a.py", "def alpha(): pass\n");
        await using var index = await OpenAsync();
        await index.IndexAsync(Work, ct: Token);
        var time = File.GetLastWriteTimeUtc(path);
        _folder.Write("work/a.py", "def omega(): pass\n");
        File.SetLastWriteTimeUtc(path, time);
        await index.IndexAsync(Work, ct: Token);
        Assert.Single(await index.SearchAsync("omega", ct: Token));
    }

    [Fact]
    public async Task Nothing_to_index_is_an_error_that_says_why_and_keeps_the_index()
    {
        _folder.Write("work/a.py", "def alpha(): pass\n");
        await using var index = await OpenAsync();
        await index.IndexAsync(Work, ct: Token);
        var error = await Assert.ThrowsAsync<CodeIndexException>(
            () => index.IndexAsync(Work, new IndexRequest { Globs = ["**/*.rs"] }, ct: Token));
        Assert.Equal(CodeIndexError.NothingToIndex, error.Error);

        _folder.Write("work/.gitignore", "*\n");
        error = await Assert.ThrowsAsync<CodeIndexException>(() => index.IndexAsync(Work, ct: Token));
        Assert.Contains("2 ignored", error.Message, StringComparison.Ordinal);
        Assert.Single(await index.SearchAsync("alpha", ct: Token));
    }

    [Fact]
    public async Task A_missing_root_is_an_error()
    {
        await using var index = await OpenAsync();
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => index.IndexAsync(_folder.Path("nowhere"), ct: Token));
        Assert.Equal(CodeIndexError.RootUnreadable, error.Error);
    }

    [Fact]
    public async Task Bad_queries_are_refused()
    {
        await using var index = await OpenAsync();
        foreach (var query in (string[])["", "  ", "?!", new string('x', 1_000_000)])
        {
            var error = await Assert.ThrowsAsync<CodeIndexException>(() => index.SearchAsync(query, ct: Token));
            Assert.Equal(CodeIndexError.InvalidQuery, error.Error);
        }

        foreach (var topK in (int[])[0, -1, int.MinValue, int.MaxValue])
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
                () => index.SearchAsync("a", new SearchOptions { TopK = topK }, Token));
        }

        Assert.Empty(await index.SearchAsync("anything", ct: Token));
    }

    [Fact]
    public async Task A_file_that_is_no_index_is_refused()
    {
        _folder.Write("text.db", string.Concat(Enumerable.Repeat("no database ", 1_000)));
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => CodeIndex.OpenAsync(_folder.Path("text.db"), ct: Token));
        Assert.Equal(CodeIndexError.DatabaseUnusable, error.Error);

        _folder.Write("nofolder", "");
        error = await Assert.ThrowsAsync<CodeIndexException>(() => CodeIndex.OpenAsync(_folder.Path("nofolder/x.db"), ct: Token));
        Assert.Equal(CodeIndexError.DatabaseUnusable, error.Error);
    }

    [Fact]
    public async Task An_index_of_another_version_is_emptied()
    {
        _folder.Write("work/a.py", "def alpha(): pass\n");
        await using (var index = await OpenAsync()) await index.IndexAsync(Work, ct: Token);
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.Path("index.db")};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version=9999";
            command.ExecuteNonQuery();
        }

        await using var reopened = await OpenAsync();
        Assert.Empty(await reopened.SearchAsync("alpha", ct: Token));
        Assert.Equal(1, (await reopened.IndexAsync(Work, ct: Token)).FilesIndexed);
    }

    [Fact]
    public async Task Cancelling_keeps_the_committed_batches()
    {
        for (var i = 0; i < 300; i++) _folder.Write($"work/f{i:000}.py", $"def function_{i}():\n    return {i}\n");
        await using var index = await OpenAsync(new CodeIndexOptions { BatchBytes = 1_000 });
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var progress = new CancelAfterFirstBatch(cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => index.IndexAsync(Work, progress: progress, ct: cancel.Token));
        await index.SearchAsync("function", ct: Token);
        var report = await index.IndexAsync(Work, ct: Token);
        Assert.Equal(300, report.FilesIndexed + report.FilesUnchanged);
        Assert.Equal(300, report.Chunks);
    }

    private Task<CodeIndex> OpenAsync(CodeIndexOptions? options = null) => CodeIndex.OpenAsync(_folder.Path("index.db"), options, Token);

    private sealed class CancelAfterFirstBatch(CancellationTokenSource cancel) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value)
        {
            if (value is { Phase: "index", FilesDone: > 0 }) cancel.Cancel();
        }
    }
}
