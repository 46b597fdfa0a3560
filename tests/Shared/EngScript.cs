namespace OnCell.Tests;

/// <summary>The repository's own set-up scripts, for tests that need what they fetch.</summary>
internal static class EngScript
{
    /// <summary>Runs a script of <c>eng/</c> to its end.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(string name, string[] arguments, CancellationToken cancellationToken) =>
        (await HostProgram.RunAsync(Repository.PathOf("eng", name), arguments, cancellationToken: cancellationToken)).Trim();

    /// <summary>Fetches the weights of a small chat model, once.</summary>
    /// <returns>The file.</returns>
    public static Task<string> FetchChatModelAsync(CancellationToken cancellationToken) => RunAsync("models.sh", ["--chat"], cancellationToken);
}
