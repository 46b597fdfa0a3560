using System.Text.Json;
using OnCell.Journaling.Diagnostics;
using OnCell.Journaling.Steps.History;
using OnCell.Journaling.Storage;

namespace OnCell.Journaling.Steps.Execution;

/// <summary>What does not depend on the type of a step's result.</summary>
internal static class StepRules
{
    public static void Check<T>(JournalRun run, string position, StepSpec<T> spec)
    {
        if (spec.Kind is not { Length: > 0 and <= 64 })
            throw Invalid(run, position, "its kind has 1 to 64 characters");
        if (spec.Name is not { Length: > 0 and <= 1_024 })
            throw Invalid(run, position, $"its name has 1 to 1,024 characters, not {spec.Name?.Length ?? 0:N0}: put what is long into an argument");
        if (!Enum.IsDefined(spec.Effect))
            throw Invalid(run, position, "its effect is one of StepEffect");
        if (spec.Probe is null && (spec.Effect == StepEffect.Verifiable || spec.InterruptedRule == InterruptedRule.Probe))
            throw Invalid(run, position, "it has a Probe, since its effect or its rule asks for one");
        if (spec.Retry is { } retry && (retry.MaxAttempts < 1 || retry.Factor < 1 || retry.FirstDelay < TimeSpan.Zero))
            throw Invalid(run, position, "its retry policy has at least one attempt, a factor of at least 1 and no negative delay");
    }

    public static string Key(JournalRun run, string position, StepEffect effect, int attempt)
    {
        var key = $"{run.Id}/{run.Incarnation}/{position}";
        return attempt == 1 || effect == StepEffect.Idempotent ? key : $"{key}#{attempt}";
    }

    public static RunError ErrorOf(StepHistory step) => step.Error is { } json
        ? JsonSerializer.Deserialize(json, JsonContext.Default.RunError)!
        : new RunError("unknown", "no error was kept");

    /// <summary>Puts the step the journal holds and the step the code asks for side by side.</summary>
    public static string Describe<T>(JournalRun run, StepHistory step, StepSpec<T> spec)
    {
        string? arguments;
        using (var lease = run.Store.Readers.Rent())
            arguments = LogReader.Arguments(lease.Database, step.FirstSequence);
        return Divergence.Describe(
            run.Id,
            step.Position,
            new(step.Kind, step.Name, arguments),
            new(spec.Kind, spec.Name, StepFingerprint.Describe(spec.Arguments, run.Options.KeptArgumentCharacters)),
            spec.Source ?? CallSite.Find());
    }

    private static ArgumentException Invalid(JournalRun run, string position, string rule) =>
        new($"{run.Label} step {position}: a step is refused unless {rule}.");
}
