namespace OnCell.Sandboxes;

/// <summary>Some egress rules cannot be read. Nothing was allowed.</summary>
public sealed class EgressPolicyException : SandboxException
{
    /// <summary>Initializes the exception.</summary>
    /// <param name="problems">One line for each bad rule: what is wrong, and what to write instead.</param>
    public EgressPolicyException(IReadOnlyList<string> problems)
        : base("The network policy has rules that cannot be enforced:\n  " + string.Join("\n  ", problems)) =>
        Problems = problems;

    /// <summary>Gets one line for each bad rule: what is wrong, and what to write instead.</summary>
    public IReadOnlyList<string> Problems { get; }
}
