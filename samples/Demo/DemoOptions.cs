namespace OnCell.Demo;

/// <summary>The command line.</summary>
/// <param name="JsonFile">Where to write the summary for programs.</param>
/// <param name="Home">The folder that keeps what is downloaded and built between runs.</param>
/// <param name="Help">Whether only the help is wanted.</param>
public sealed record DemoOptions(string? JsonFile, string Home, bool Help)
{
    /// <summary>The help text.</summary>
    public const string Usage =
        """
        ./demo: OnCell's main job, end to end, on a real project, through two crashes.

          ./demo [--json FILE] [--home FOLDER]

          --json FILE     also write the summary for programs
          --home FOLDER   keep downloads and images here (default: $XDG_CACHE_HOME/oncell/demo or ~/.cache/oncell/demo)
          --help          show this

        Set OPENAI_API_KEY, ANTHROPIC_API_KEY, or ONCELL_LLM_BASE_URL with ONCELL_LLM_MODEL (and ONCELL_LLM_API_KEY) to
        use a live model; without them a recorded transcript answers. All else is always real.

        Exit codes: 0 all held, 1 something did not hold, 2 wrong arguments, 130 interrupted.
        """;

    /// <summary>Parses the command line.</summary>
    /// <exception cref="FormatException">An argument is unknown or lacks its value.</exception>
    public static DemoOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new DemoOptions(null, DefaultHome(), false);
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i] switch
            {
                "--help" or "-h" => options with { Help = true },
                "--json" => options with { JsonFile = Path.GetFullPath(Value(ref i)) },
                "--home" => options with { Home = Path.GetFullPath(Value(ref i)) },
                var other => throw new FormatException($"unknown argument \"{other}\"; ./demo --help lists all"),
            };
        }

        return options;

        string Value(ref int i) => i + 1 < arguments.Count
            ? arguments[++i]
            : throw new FormatException($"{arguments[i]} needs a value; ./demo --help lists all");
    }

    /// <summary>Gets the folder that is used when none is named.</summary>
    public static string DefaultHome()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(string.IsNullOrEmpty(cache) ? Path.Combine(home, ".cache") : cache, "oncell", "demo");
    }
}
