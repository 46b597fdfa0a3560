using OnCell;

namespace CodingSample;

/// <summary>Commands that reach out of the cell.</summary>
public static class Network
{
    private const int MaxTries = 3;

    /// <summary>Runs a command that needs the network, and again when it fails; each try is a step of its own.</summary>
    /// <remarks>
    /// What a cell may reach, it reaches through the service. When that dies, commands in the cell go on, but a transfer
    /// that was under way is cut off and its command reports so. The next try is made by the service that came after.
    /// </remarks>
    /// <exception cref="ShellFailedException">The last try failed too.</exception>
    public static async Task<ShellResult> RetryAsync(Func<ShellCall> command)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = await command();
            if (!result.Failed || attempt == MaxTries)
                return result.EnsureSuccess();
        }
    }
}
