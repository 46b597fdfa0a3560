using System.CommandLine;

namespace OnCell.Cli.Commands;

/// <summary>Scripts that make a shell complete oncell's words; the words come from the command itself.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _oncell() { local IFS=$'\n'; COMPREPLY=( $(compgen -W "$(oncell "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}") ); }
        complete -F _oncell oncell
        """;

    private const string Zsh = """
        _oncell() { local -a words_; words_=("${(@f)$(oncell "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}"); compadd -a words_; }
        compdef _oncell oncell
        """;

    private const string Fish = """complete -c oncell -f -a '(oncell "[suggest:"(commandline -C)"]" (commandline -b) 2>/dev/null)'""";

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Prints a script for completion: source <(oncell completion bash).") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return ExitCodes.Done;
        });
        return command;
    }
}
