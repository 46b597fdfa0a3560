namespace OnCell.Journaling;

/// <summary>One named argument of a step, part of the step's fingerprint unless it is volatile.</summary>
/// <param name="Name">The argument's name, unique in the step.</param>
/// <param name="Value">The argument's value as text. Secrets do not belong here: it is stored and shown.</param>
/// <param name="Volatile">Whether the value may differ between executions (a time-out, a trace id).</param>
public readonly record struct StepArgument(string Name, string Value, bool Volatile = false);
