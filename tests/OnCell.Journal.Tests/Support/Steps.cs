namespace OnCell.Journal.Tests.Support;

/// <summary>Short ways to say a step.</summary>
internal static class Step
{
    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static Task<JournalRun> StartAsync(this DurableJournal journal, string id = "run-1", string input = "{}") =>
        journal.StartRunAsync(new RunStart(id, "test", input, "1"), Ct);

    public static StepSpec<T> Of<T>(
        StepEffect effect, Func<StepExecution, T> body, string name = "step", params StepArgument[] arguments) =>
        Async(effect, (step, _) => Task.FromResult(body(step)), name, arguments);

    public static StepSpec<T> Async<T>(
        StepEffect effect,
        Func<StepExecution, CancellationToken, Task<T>> body,
        string name = "step",
        params StepArgument[] arguments) => new()
        {
            Kind = "test",
            Name = name,
            Arguments = arguments,
            Effect = effect,
            Body = body,
            Probe = effect == StepEffect.Verifiable ? (_, _) => Task.FromResult(ProbeResult<T>.NotDone()) : null,
        };

    /// <summary>Runs a step.</summary>
    public static Task<T> DoAsync<T>(
        this StepScope scope, StepEffect effect, Func<StepExecution, T> body, string name = "step") =>
        scope.StepAsync(Of(effect, body, name), Ct);

    /// <summary>Leaves a step begun and not ended: its body hangs until the journal is closed under it.</summary>
    public static async Task LeaveInDoubtAsync(
        this TestJournal file, StepEffect effect, string id = "run-1", Action<StepExecution>? begun = null)
    {
        var journal = await file.ReopenAsync();
        var run = await journal.StartAsync(id);
        var started = new TaskCompletionSource();
        var step = run.StepAsync(
            Async<string>(effect, async (execution, ct) =>
            {
                begun?.Invoke(execution);
                started.SetResult();
                await Task.Delay(Timeout.Infinite, ct);
                return "never";
            }),
            Ct);
        await started.Task;
        await file.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => step);
    }
}
