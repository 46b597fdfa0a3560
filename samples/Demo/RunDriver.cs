using OnCell.Demo.Service;

namespace OnCell.Demo;

/// <summary>A blow to strike.</summary>
/// <param name="WithSandbox">Whether the sandbox dies too, as when the host reboots.</param>
/// <param name="Moment">When it falls, in words.</param>
public sealed record Blow(bool WithSandbox, string Moment);

/// <summary>Decides, event by event, when a blow falls.</summary>
public interface ICrashPlan
{
    /// <summary>Gets the blow to strike now, if any.</summary>
    Blow? Next(ServiceEvent e);
}

/// <summary>Follows one run to its end, through the blows of a plan.</summary>
public sealed class RunDriver(ServiceHost host, string customer, ICrashPlan plan, Action<ServiceEvent> onEvent)
{
    /// <summary>Called when a blow falls, and again when the service is back.</summary>
    public Action<Blow, bool>? OnBlow { get; init; }

    /// <summary>Starts a method and follows its run. Nobody resumes the run after a blow: the service does that by itself.</summary>
    /// <returns>The run's id and its last event, <c>run.completed</c> or <c>run.failed</c>.</returns>
    public async Task<(string Run, ServiceEvent End)> RunAsync(string method, object input, CancellationToken cancellationToken)
    {
        string? run = null, lastId = null;
        var events = host.Api.RunAsync(method, customer, input, cancellationToken);
        while (true)
        {
            Blow? blow = null;
            await foreach (var e in events)
            {
                run ??= e.Text("runId") is { Length: > 0 } id ? id : null;
                lastId = e.Id is { Length: > 0 } ? e.Id : lastId;
                onEvent(e);
                if (e.Type is "run.completed" or "run.failed")
                    return (run!, e);
                if ((blow = plan.Next(e)) is not null)
                    break;
            }

            if (blow is null || run is null)
                throw new ToolException("The service ended the stream of events before the run had ended.");
            OnBlow?.Invoke(blow, false);
            await host.StrikeAsync(blow.WithSandbox ? customer : null);
            await host.StartAsync(cancellationToken);
            OnBlow?.Invoke(blow, true);
            events = host.Api.FollowAsync(customer, run, lastId, cancellationToken);
        }
    }
}
