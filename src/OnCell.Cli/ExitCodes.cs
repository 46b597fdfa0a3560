using OnCell.Client;

namespace OnCell.Cli;

/// <summary>What the command's exit code says. Documented in docs/cli.md; never re-used.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUse = 2;
    public const int NotLoggedIn = 3;
    public const int Refused = 4;
    public const int NotFound = 5;
    public const int Unreachable = 6;
    public const int RunFailed = 7;
    public const int RunWaits = 8;
    public const int Interrupted = 130;

    /// <summary>Turns what went wrong into a line for people and a code for programs.</summary>
    public static async Task<int> Guarded(this Task<int> work)
    {
        var (code, message) = (Done, "");
        try
        {
            return await work;
        }
        catch (UsageException e)
        {
            (code, message) = (e.Code, e.Message);
        }
        catch (OnCellApiException e)
        {
            code = (int)e.Status switch { 400 or 413 or 422 => WrongUse, 401 or 403 => Refused, 404 => NotFound, 503 => Unreachable, _ => Failed };
            message = e.Field is null ? e.Message : $"{e.Field}: {e.Message}";
        }
        catch (OnCellUnreachableException e)
        {
            (code, message) = (Unreachable, e.Message);
        }
        catch (OperationCanceledException)
        {
            (code, message) = (Interrupted, "interrupted");
        }
        catch (ArgumentException e)
        {
            // What the client refuses before it asks: an empty name, or one such as "..".
            (code, message) = (WrongUse, e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (code, message) = (Failed, e.Message);
        }

        Console.Error.WriteLine($"oncell: {Output.Plain.Text(message)}");
        return code;
    }
}

/// <summary>The command was used wrongly, or cannot be used yet.</summary>
internal sealed class UsageException(string message, int code = ExitCodes.WrongUse) : Exception(message)
{
    public int Code { get; } = code;
}
