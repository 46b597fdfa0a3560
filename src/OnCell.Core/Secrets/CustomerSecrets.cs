namespace OnCell.Secrets;

/// <summary>The secrets of one customer's steps, as they were at one moment.</summary>
/// <param name="Generation">The moment.</param>
/// <param name="Values">The values by name.</param>
/// <param name="Redactor">What removes them from text, those just rotated included.</param>
internal sealed record CustomerSecrets(long Generation, IReadOnlyDictionary<string, string> Values, Redactor Redactor)
{
    /// <exception cref="OnCellException">A step asks for a secret that is not set.</exception>
    public IReadOnlyDictionary<string, string?> Get(IReadOnlyList<string> names, string customer) => names.ToDictionary(name => name, name =>
        Values.TryGetValue(name, out var value)
            ? (string?)value
            : throw new OnCellException(OnCellError.Invalid,
                $"There is no secret \"{name}\" for the customer \"{customer}\". Set it: PUT /customers/{customer}/secrets/{name}."));
}
