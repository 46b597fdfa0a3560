using OnCell.Index.Tests.Support;
using OnCell.Tests;

namespace OnCell.Index.Tests.Samples;

/// <summary>The sample as its first lines say it is used.</summary>
public sealed class SearchSampleTests
{
    [Fact]
    public async Task It_indexes_a_folder_answers_and_knows_the_folder_the_next_time()
    {
        using var folder = new TempFolder();
        folder.Write("work/auth.py", "class AuthMiddleware:\n    def check_token(self, request):\n        return request.token\n");
        folder.Write("work/draw.py", "def paint_canvas(brush): pass\n");
        var first = await RunAsync(folder, folder.Path("work"), "auth middleware");
        Assert.Contains("2 files indexed, 0 unchanged", first, StringComparison.Ordinal);
        Assert.Matches(@"0\.\d\d  auth\.py:1-3\n      class AuthMiddleware:\n", first);

        Assert.Contains("0 files indexed, 2 unchanged", await RunAsync(folder, folder.Path("work"), "paint"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_said()
    {
        using var folder = new TempFolder();
        Assert.Contains("usage: SearchSample", await FailAsync(2, folder), StringComparison.Ordinal);
        Assert.Contains("/nowhere", await FailAsync(1, folder, "/nowhere", "paint"), StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(int exitCode, TempFolder folder, params string[] arguments)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(folder, arguments));
        Assert.Contains($"ended with {exitCode}:", error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    private static Task<string> RunAsync(TempFolder folder, params string[] arguments) => HostProgram.RunAsync(
        "env", [$"XDG_DATA_HOME={folder.Root}", "dotnet", Program(), .. arguments], cancellationToken: TestContext.Current.CancellationToken);

    private static string Program() =>
        Directory.GetFiles(Repository.PathOf("samples", "SearchSample", "bin"), "SearchSample.dll", SearchOption.AllDirectories)
            .OrderByDescending(File.GetLastWriteTimeUtc).First();
}
