namespace OnCell.Sandboxes;

/// <summary>The state of one requirement of the host.</summary>
/// <param name="Name">What is required, such as <c>runsc</c>.</param>
/// <param name="Ok">Whether it is met.</param>
/// <param name="Found">What was found.</param>
/// <param name="Fix">What to do where it is not met.</param>
public sealed record HostRequirement(string Name, bool Ok, string Found, string? Fix);

/// <summary>What a runtime needs of this host and whether it has it.</summary>
/// <param name="Requirements">Each requirement with its state and fix.</param>
public sealed record RuntimeReport(IReadOnlyList<HostRequirement> Requirements)
{
    /// <summary>Gets whether every requirement is met.</summary>
    public bool Ok => Requirements.All(r => r.Ok);
}
