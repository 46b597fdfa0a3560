using OnCell.Journaling;

namespace OnCell.Runs;

/// <summary>An effect of the agent's own as a step.</summary>
internal static class OwnStep
{
    private const int MaxName = 1_000;

    public static Task<T> RunAsync<T>(
        RunSession session, string name, StepEffect effect, Func<StepExecution, CancellationToken, Task<T>> body, StepOptions<T> options)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (name is not { Length: > 0 and <= MaxName })
            throw new ArgumentException($"StepAsync: a step's name has 1 to {MaxName} characters.", nameof(name));
        if (effect == StepEffect.Verifiable && options.Probe is null)
            throw new ArgumentException($"StepAsync \"{name}\": a Verifiable step needs StepOptions.Probe, which tells whether its effect is there.", nameof(options));
        if (options.Timeout <= TimeSpan.Zero)
            throw new ArgumentException($"StepAsync \"{name}\": StepOptions.Timeout must be positive.", nameof(options));
        return session.StepAsync(new StepSpec<T>
        {
            Kind = "own",
            Name = name,
            Arguments = [.. options.Arguments.Select(a => new StepArgument(a.Key, a.Value))],
            Effect = effect,
            Body = (execution, token) => LimitAsync(name, options.Timeout, limit => body(execution, limit), token),
            Probe = options.Probe is { } probe ? (execution, token) => LimitAsync(name, options.Timeout, limit => probe(execution, limit), token) : null,
            Retry = options.Retry,
            Serializer = OnCellStepSerializer<T>.Instance,
        });
    }

    private static async Task<T> LimitAsync<T>(
        string name, TimeSpan timeout, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            // A body that does not look at its token is left behind, not waited for.
            return await work(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw new OnCellException(OnCellError.Failed, $"The step \"{name}\" did not end within {timeout} (StepOptions.Timeout).", e);
        }
    }
}
