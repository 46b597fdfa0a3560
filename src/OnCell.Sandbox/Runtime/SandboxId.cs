using System.Text.RegularExpressions;

namespace OnCell.Sandboxes;

/// <summary>Names one sandbox on this host: 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>, starting with a letter or digit.</summary>
/// <remarks>The form is a DNS label on purpose: it is safe as a folder, a host name, a cgroup and an argument.</remarks>
public readonly partial record struct SandboxId
{
    /// <summary>Initializes an id.</summary>
    /// <param name="value">The text of the id.</param>
    /// <exception cref="ArgumentException">The text does not have the form of an id.</exception>
    public SandboxId(string value)
    {
        if (!IsValid(value))
            throw new ArgumentException(
                $"\"{value}\" is not a sandbox id: use 1 to 63 of a-z, 0-9 and '-', starting with a letter or digit.",
                nameof(value));
        Value = value;
    }

    /// <summary>Gets the text of the id.</summary>
    public string Value { get; }

    /// <summary>Tells whether a text has the form of an id.</summary>
    public static bool IsValid(string? value) => value is not null && Pattern().IsMatch(value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z")]
    private static partial Regex Pattern();
}
