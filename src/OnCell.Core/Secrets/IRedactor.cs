namespace OnCell.Secrets;

/// <summary>Removes the values of secrets from text that leaves a step: for the journal, events, logs and prompts.</summary>
internal interface IRedactor
{
    /// <summary>Gets whether there is nothing to remove, so that nobody copies text for nothing.</summary>
    bool IsEmpty { get; }

    /// <summary>Replaces each value by <c>[secret:NAME]</c>; returns the very text where there is none.</summary>
    string Redact(string text);
}
