namespace OnCell.Journaling;

/// <summary>What a person decided on a step in doubt.</summary>
public abstract record StepDecision
{
    private StepDecision()
    {
    }

    /// <summary>The effect is not there: run the step again, as a new attempt.</summary>
    public sealed record RunAgain : StepDecision;

    /// <summary>The effect is there, or is not wanted: the step ends with this result.</summary>
    /// <param name="ResultJson">The result as the step's serializer would have written it.</param>
    public sealed record Skip(string ResultJson) : StepDecision;

    /// <summary>The step ends with an error.</summary>
    /// <param name="Message">Why.</param>
    public sealed record Fail(string Message) : StepDecision;
}
