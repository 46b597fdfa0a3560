using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Playwright;

namespace OnCell.Dashboard.Tests;

/// <summary>The accessibility checker axe-core, from the npm registry that this machine is set up with, checked by its hash.</summary>
public static class Axe
{
    private const string Version = "4.14.1";
    private const string Sha256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

    private static readonly SemaphoreSlim Turn = new(1, 1);

    /// <summary>Checks a page and gives the serious findings, one a line.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(IPage page)
    {
        // In a world beside the page's: the page's own policy lets nothing in, and stays in force.
        var session = await page.Context.NewCDPSessionAsync(page);
        var tree = (await session.SendAsync("Page.getFrameTree"))!.Value;
        var world = (await session.SendAsync("Page.createIsolatedWorld", new Dictionary<string, object>
        {
            ["frameId"] = tree.GetProperty("frameTree").GetProperty("frame").GetProperty("id").GetString()!,
            ["worldName"] = "axe",
        }))!.Value.GetProperty("executionContextId").GetInt32();
        await EvaluateAsync(session, world, await File.ReadAllTextAsync(await PathAsync()));
        var found = await EvaluateAsync(session, world, "axe.run(document, { resultTypes: ['violations'] }).then(r => JSON.stringify(r.violations))");
        return [.. JsonDocument.Parse(found!).RootElement.EnumerateArray()
            .Where(v => v.GetProperty("impact").GetString() is "serious" or "critical")
            .Select(v => $"{v.GetProperty("id")}: {v.GetProperty("help")}: {string.Join(" | ", v.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("html")))}")];
    }

    private static async Task<string?> EvaluateAsync(ICDPSession session, int world, string expression)
    {
        var answer = (await session.SendAsync("Runtime.evaluate", new Dictionary<string, object>
        {
            ["contextId"] = world,
            ["expression"] = expression,
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        }))!.Value;
        Assert.False(answer.TryGetProperty("exceptionDetails", out var error), $"{error}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static async Task<string> PathAsync()
    {
        var folder = $"/var/cache/oncell/axe-core-{Version}";
        var script = Path.Combine(folder, "package", "axe.min.js");
        await Turn.WaitAsync();
        try
        {
            if (!File.Exists(script))
            {
                Directory.CreateDirectory(folder);
                await RunAsync(folder, "npm", "pack", $"axe-core@{Version}", "--silent");
                await RunAsync(folder, "tar", "xzf", $"axe-core-{Version}.tgz", "package/axe.min.js");
            }
        }
        finally
        {
            Turn.Release();
        }

        Assert.Equal(Sha256, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(script))));
        return script;
    }

    private static async Task RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}");
    }
}
