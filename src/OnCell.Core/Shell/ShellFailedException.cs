namespace OnCell;

/// <summary>A command failed whose success was asked for.</summary>
public sealed class ShellFailedException(ShellResult result)
    : OnCellException(OnCellError.Failed, $"The command \"{Shorten(result.Command)}\" failed: {result.Error}")
{
    /// <summary>Gets what the command left behind.</summary>
    public ShellResult Result { get; } = result;

    private static string Shorten(string command) => command.Length <= 120 ? command : command[..119] + "…";
}
