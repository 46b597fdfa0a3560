namespace OnCell;

/// <summary>The secrets that steps are given by name: of one customer, or of all customers at once.</summary>
/// <remarks>
/// They are kept encrypted and never given back. A step gets them as environment variables by <see cref="ShellOptions.Secrets"/>;
/// what its output, an event, a log line or a prompt then holds of a value is replaced by <c>[secret:NAME]</c>.
/// Every method throws <see cref="OnCellException"/> with <see cref="OnCellError.Unavailable"/> while another process owns the data root.
/// </remarks>
public interface ISecretManager
{
    /// <summary>Sets or rotates a secret. The next step sees the new value; no cell is restarted.</summary>
    /// <param name="customer">The customer, or <see langword="null"/> for all: a customer's own goes before it.</param>
    /// <param name="name">The name: 1 to 128 of letters, digits and <c>_</c>, not starting with a digit.</param>
    /// <param name="value">The value: 8 to 32,768 characters, no zero byte.</param>
    /// <param name="cancellationToken">Gives up before it is written.</param>
    /// <exception cref="OnCellException">The name or the value cannot be, or there is no such customer.</exception>
    Task<SecretInfo> SetAsync(string? customer, string name, string value, CancellationToken cancellationToken);

    /// <summary>Lists the secrets of a customer, or those of all customers, by name.</summary>
    Task<IReadOnlyList<SecretInfo>> ListAsync(string? customer, CancellationToken cancellationToken);

    /// <summary>Removes a secret.</summary>
    /// <returns>Whether there was one.</returns>
    Task<bool> DeleteAsync(string? customer, string name, CancellationToken cancellationToken);
}

/// <summary>A secret, without its value.</summary>
/// <param name="Name">The name.</param>
/// <param name="Customer">The customer; <see langword="null"/> for all.</param>
/// <param name="Version">How often it was set.</param>
/// <param name="Changed">When it was last set.</param>
public sealed record SecretInfo(string Name, string? Customer, long Version, DateTimeOffset Changed);
