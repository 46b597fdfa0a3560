namespace OnCell.Guest;

/// <summary>Where things are in the cell. Other places are for tests, which run the guest as an ordinary process.</summary>
internal sealed record InitOptions
{
    public string ControlSocket { get; private init; } = "/run/oncell/control.sock";

    public string EgressSocket { get; private init; } = "/run/oncell/egress.sock";

    public int EgressPort { get; private init; } = 3128;

    public string StateFolder { get; private init; } = "/var/lib/oncell";

    /// <summary>How much output of ended commands is kept; <see langword="null"/> for a share of the disk.</summary>
    public long? KeptOutputBytes { get; private init; }

    public string WorkFolder { get; private init; } = "/work";

    public static InitOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new InitOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
                throw new ArgumentException($"{arguments[i]} lacks its value");
            var value = arguments[i + 1];
            options = arguments[i] switch
            {
                "--control" => options with { ControlSocket = value },
                "--egress" => options with { EgressSocket = value },
                "--port" => options with { EgressPort = int.Parse(value, provider: null) },
                "--keep" => options with { KeptOutputBytes = long.Parse(value, provider: null) },
                "--state" => options with { StateFolder = value },
                "--work" => options with { WorkFolder = value },
                var other => throw new ArgumentException($"{other} is not an option of init"),
            };
        }
        return options;
    }
}
