namespace OnCell.Sandboxes;

/// <summary>What a sandbox may reach. Nothing that no rule names.</summary>
public sealed partial record EgressPolicy
{
    /// <summary>Gets the policy that allows nothing.</summary>
    public static EgressPolicy DenyAll { get; } = new() { Rules = [] };

    /// <summary>Gets the rules, in the words they were written in.</summary>
    public required IReadOnlyList<string> Rules { get; init; }
}
