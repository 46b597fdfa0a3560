using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OnCell.AspNetCore.Description;
using OnCell.Sandboxes;

namespace OnCell.AspNetCore.Git;

/// <summary>
/// The state of a cell's repository. git runs in the cell, never on the host: what a repository can do to git (its settings,
/// hooks, filters, a broken object) it does to the cell that it is in.
/// </summary>
internal static class GitEndpoint
{
    private const int MaxBytes = 1 << 20;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Nothing of the repository's own is run for a look at it, and nothing is written.</summary>
    private static readonly string[] Git =
        ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false"];

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/cells/{customer}/git", GetAsync).RequireAuthorization(OnCellPolicies.Run).Describe("cells.git", "Gets the state of the cell's repository.").WithTags("cells");

    private static async Task<GitStatus> GetAsync(string customer, ICellManager cells, CancellationToken ct)
    {
        using var session = await cells.OpenSessionAsync(customer, ct);
        var status = await RunAsync(session, ct, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all");
        if (status.ExitCode != 0)
            throw new OnCellException(OnCellError.Conflict, $"git cannot read /work in the cell of \"{customer}\": {session.Redact(Reason(status))}");

        // Without a first commit there is no HEAD, and nothing to differ from.
        var diff = await RunAsync(session, ct, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD");
        var parsed = GitStatusParser.Parse(session.Redact(Encoding.UTF8.GetString(status.Stdout)));
        return parsed with
        {
            Diff = diff.ExitCode == 0 ? session.Redact(Encoding.UTF8.GetString(diff.Stdout)) : "",
            Truncated = parsed.Truncated || status.StdoutOmitted > 0 || diff.StdoutOmitted > 0,
        };
    }

    private static Task<ExecResult> RunAsync(CellSession session, CancellationToken ct, params string[] arguments) =>
        session.RunAsync(ExecSpec.Command([.. Git, .. arguments]) with { Timeout = Limit, MaxOutputBytes = MaxBytes }, ct);

    private static string Reason(ExecResult result) => result.Outcome switch
    {
        ExecOutcome.Exited => Encoding.UTF8.GetString(result.Stderr).Trim(),
        ExecOutcome.FailedToStart => $"{result.Error} Add \"git\" to the agent's Packages.",
        var outcome => $"it ended with {outcome} after {result.Duration.TotalSeconds:0} s.",
    };
}
