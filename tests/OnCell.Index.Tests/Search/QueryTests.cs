using OnCell.Index.Tests.Support;
using OnCell.Indexing;

namespace OnCell.Index.Tests.Search;

public sealed class QueryTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private CodeIndex _index = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _folder.Write("work/src/router.py", "class Router:\n    def add_route(self, path, handler):\n        self.routes.append((path, handler))\n");
        _folder.Write("work/src/router.ts", "export class Router {\n  addRoute(path: string): void {\n    this.routes.push(path);\n  }\n}\n");
        _folder.Write("work/lib/session.py", "def open_session(request):\n    # the session of a request, not a route\n    return request.session_id == 0x1F\n");
        _folder.Write("work/tests/test_router.py", "def test_add_route():\n    assert Router().add_route('/', None) is None\n");
        _index = await CodeIndex.OpenAsync(_folder.Path("index.db"), ct: Token);
        await _index.IndexAsync(_folder.Path("work"), ct: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _index.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("router lang:python", "src/router.py tests/test_router.py lib/session.py")]
    [InlineData("router lang:typescript", "src/router.ts")]
    [InlineData("route path:lib/**", "lib/session.py")]
    [InlineData("route path:lib", "lib/session.py")]
    [InlineData("path:*.ts route", "src/router.ts")]
    [InlineData("\"not a route\"", "lib/session.py")]
    [InlineData("regex:0x[0-9A-F]{2}", "lib/session.py")]
    [InlineData("regex:\"def \\w+_session\" ", "lib/session.py")]
    [InlineData("router regex:\"^class Router\"", "src/router.py")]
    [InlineData("router \"no such words\"", "")]
    [InlineData("addRoute", "src/router.ts src/router.py tests/test_router.py lib/session.py")]
    public async Task Filters_narrow(string query, string expected)
    {
        var hits = await _index.SearchAsync(query, ct: Token);
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), hits.Select(h => h.Path).Distinct().Order());
        Assert.All(hits, h => Assert.InRange(h.Score, 0, 1));
    }

    [Theory]
    [InlineData("regex:[")]
    [InlineData("regex:(?=a)b")]
    [InlineData("path: x")]
    [InlineData("lang:\"python")]
    public async Task Bad_filters_are_refused(string query)
    {
        var error = await Assert.ThrowsAsync<CodeIndexException>(() => _index.SearchAsync(query, ct: Token));
        Assert.Equal(CodeIndexError.InvalidQuery, error.Error);
    }

    [Fact]
    public async Task A_bad_glob_in_a_query_is_refused()
        => await Assert.ThrowsAsync<CodeIndexException>(() => _index.SearchAsync("x path:[", ct: Token));

    [Fact]
    public async Task Definitions_come_before_uses_and_tests_after()
    {
        var paths = (await _index.SearchAsync("add_route", ct: Token)).Select(h => h.Path).ToList();
        Assert.Equal(["src/router.py", "src/router.ts"], paths.Take(2).Order());
        Assert.True(paths.IndexOf("tests/test_router.py") >= 2);
    }

    [Fact]
    public async Task Words_the_repository_lacks_score_low()
    {
        var good = await _index.SearchAsync("add route to router", ct: Token);
        var bad = await _index.SearchAsync("kubernetes ingress certificate route rotation", ct: Token);
        Assert.True(bad.Count == 0 || bad[0].Score < good[0].Score / 2);
    }
}
