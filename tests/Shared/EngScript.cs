using System.Diagnostics;

namespace OnCell.Tests;

/// <summary>The repository's own set-up scripts, for tests that need what they fetch.</summary>
internal static class EngScript
{
    /// <summary>Runs a script of <c>eng/</c> to its end.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(string name, string[] arguments, CancellationToken cancellationToken)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "OnCell.sln"))) root = Path.GetDirectoryName(root)!;
        var start = new ProcessStartInfo(Path.Combine(root, "eng", name), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"eng/{name}: {await error}{output}");
    }

    /// <summary>Fetches the weights of a small chat model, once.</summary>
    /// <returns>The file.</returns>
    public static Task<string> FetchChatModelAsync(CancellationToken cancellationToken) => RunAsync("models.sh", ["--chat"], cancellationToken);
}
