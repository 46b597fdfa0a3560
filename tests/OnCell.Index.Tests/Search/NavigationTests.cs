using OnCell.Index.Tests.Support;
using OnCell.Indexing;

namespace OnCell.Index.Tests.Search;

public sealed class NavigationTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private CodeIndex _index = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _folder.Write("work/core/connection.py", "class Connection:\n    def send_frame(self, frame): pass\n\ndef open_connection(): return Connection()\n");
        for (var i = 0; i < 5; i++)
            _folder.Write($"work/app/user{i}.py", $"from core.connection import open_connection, Connection\n\ndef handler_{i}():\n    open_connection().send_frame({i})\n");
        _folder.Write("work/app/alone.py", "def compute(): return 42\n");
        _index = await CodeIndex.OpenAsync(_folder.Path("index.db"), ct: Token);
        await _index.IndexAsync(_folder.Path("work"), ct: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Symbols_are_found_by_name_and_by_part()
    {
        Assert.Equal(
            [new CodeSymbol("Connection", "type", "core/connection.py", 1), new CodeSymbol("open_connection", "function", "core/connection.py", 4)],
            await _index.SymbolsAsync("connection", ct: Token));
        Assert.Equal(5, (await _index.SymbolsAsync("handler", ct: Token)).Count);
        Assert.Empty(await _index.SymbolsAsync("nowhere", ct: Token));
    }

    [Fact]
    public async Task Related_code_shares_identifiers()
    {
        var hits = await _index.RelatedAsync("core/connection.py", 2, ct: Token);
        Assert.InRange(hits.Count, 5, 6);
        Assert.All(hits.Take(5), h => Assert.StartsWith("app/user", h.Path, StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => _index.RelatedAsync("nowhere.py", 1, ct: Token));
        Assert.Equal(CodeIndexError.InvalidQuery, error.Error);
    }

    [Fact]
    public async Task The_map_begins_with_what_others_rely_on_and_keeps_to_its_budget()
    {
        var map = await _index.RepoMapAsync(ct: Token);
        Assert.StartsWith("core/connection.py:\n  1: type Connection\n", map.Text, StringComparison.Ordinal);
        Assert.Equal(7, map.Files);
        var small = await _index.RepoMapAsync(64, Token);
        Assert.InRange(small.Text.Length, 1, 64 * 4);
        Assert.True(small.Files < map.Files);
    }
}
