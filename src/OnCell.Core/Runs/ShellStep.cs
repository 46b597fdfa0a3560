using System.Text;
using System.Text.Json.Nodes;
using OnCell.Journaling;
using OnCell.Sandboxes;
using OnCell.Secrets;

namespace OnCell.Runs;

/// <summary>A command in the cell as a step: keyed, so that it is run once and found again after a crash.</summary>
internal static class ShellStep
{
    public const string Kind = "shell";

    /// <remarks>
    /// Whatever the effect, the guest is asked first: it knows whether the command runs, ended, or never began. Only when the
    /// cell died under the command does the class of the effect decide.
    /// </remarks>
    public static Task<ShellResult> RunAsync(RunSession session, string commandLine, ShellOptions options) =>
        session.StepAsync(new StepSpec<ShellResult>
        {
            Kind = Kind,
            Name = Shorten(commandLine),
            Arguments = Arguments(commandLine, options),
            Effect = StepEffect.Reattach,
            Body = (execution, token) => ExecuteAsync(session, commandLine, options, execution, token),
            Probe = options.Probe is null ? null : (_, token) => ProbeAsync(session, commandLine, options, token),
            WhenInterrupted = options switch
            {
                { Probe: not null } => InterruptedRule.Probe,
                { Effect: StepEffect.Unsafe } => InterruptedRule.Park,
                _ => InterruptedRule.RunAgain,
            },
        });

    private static async Task<ShellResult> ExecuteAsync(
        RunSession session, string commandLine, ShellOptions options, StepExecution execution, CancellationToken cancellationToken)
    {
        var output = new StepOutput(session, execution.Position);
        var spec = Spec(session, commandLine, options, execution.Key);
        var sandbox = await session.Cell.GetSandboxAsync(cancellationToken).ConfigureAwait(false);
        await using var handle = await sandbox.StartExecAsync(spec, cancellationToken)
            .ConfigureAwait(false);
        if (handle.Reattached) execution.MarkReattached();
        ExecResult result;
        try
        {
            result = await handle.WaitAsync(output.Write, cancellationToken).ConfigureAwait(false);
            output.End();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A service that stops leaves the command to its successor; a run that was cancelled leaves nobody.
            if (await session.IsCancelledAsync().ConfigureAwait(false)) await KillAsync(handle).ConfigureAwait(false);
            throw;
        }

        return result.Outcome == ExecOutcome.Interrupted
            ? throw new StepInterruptedException($"the cell died while \"{Shorten(commandLine)}\" ran")
            : Convert(commandLine, result);
    }

    private static async Task KillAsync(ExecHandle handle)
    {
        const int sigkill = 9;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await handle.SignalAsync(sigkill, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SandboxException or OperationCanceledException)
        {
            // The cell died with the command, or is about to be found dead: there is nothing left to kill.
        }
    }

    /// <summary>Asks whether the effect is there already.</summary>
    private static async Task<ProbeResult<ShellResult>> ProbeAsync(
        RunSession session, string commandLine, ShellOptions options, CancellationToken cancellationToken)
    {
        var sandbox = await session.Cell.GetSandboxAsync(cancellationToken).ConfigureAwait(false);
        var probe = await sandbox.RunAsync(Spec(session, options.Probe!, options, null), null, cancellationToken).ConfigureAwait(false);
        return probe is { Outcome: ExecOutcome.Exited, ExitCode: 0 }
            ? ProbeResult<ShellResult>.Done(new ShellResult
            {
                Command = commandLine,
                ExitCode = 0,
                Stdout = "",
                Stderr = "(found done by its probe after the cell died)",
            })
            : ProbeResult<ShellResult>.NotDone();
    }

    /// <summary>A command line as the guest gets it.</summary>
    public static ExecSpec Spec(RunSession session, string commandLine, ShellOptions options, string? key) => ExecSpec.Shell(commandLine) with
    {
        Key = key,
        WorkingDirectory = options.WorkingDirectory,
        Environment = options.Environment,
        SecretEnvironment = session.Cell.Secrets.Get(options.Secrets, session.Cell.Id),
        StandardInput = options.StandardInput is null ? default : Encoding.UTF8.GetBytes(options.StandardInput),
        Timeout = options.Timeout,
        NoOutputTimeout = options.NoOutputTimeout,
        MaxOutputBytes = options.MaxOutputBytes,
    };

    private static List<StepArgument> Arguments(string commandLine, ShellOptions options)
    {
        List<StepArgument> arguments = [new("command", commandLine), new("cwd", options.WorkingDirectory)];
        arguments.AddRange(options.Environment
            .OrderBy(v => v.Key, StringComparer.Ordinal)
            .Select(v => new StepArgument("env." + v.Key, v.Value ?? "")));
        if (options.Secrets.Count > 0) arguments.Add(new("secrets", string.Join(' ', options.Secrets)));
        if (options.StandardInput is not null) arguments.Add(new("stdin", options.StandardInput));
        return arguments;
    }

    private static ShellResult Convert(string commandLine, ExecResult result) => new()
    {
        Command = commandLine,
        ExitCode = result.ExitCode,
        Stdout = Text(result.Stdout, result.StdoutOmitted),
        Stderr = Text(result.Stderr, result.StderrOmitted),
        Duration = result.Duration,
        TimedOut = result.Outcome is ExecOutcome.TimedOut or ExecOutcome.NoOutputTimedOut,
        Truncated = result.StdoutOmitted > 0 || result.StderrOmitted > 0,
        Reason = result.Outcome switch
        {
            ExecOutcome.TimedOut => "killed: it ran longer than ShellOptions.Timeout",
            ExecOutcome.NoOutputTimedOut => "killed: it was silent longer than ShellOptions.NoOutputTimeout",
            ExecOutcome.FailedToStart => $"could not be started: {result.Error}",
            ExecOutcome.Signaled => $"killed by signal {result.ExitCode - 128}",
            _ => null,
        },
    };

    /// <summary>The kept head and tail as text, with a line between them that says what is left out.</summary>
    private static string Text(byte[] kept, long omitted)
    {
        if (omitted == 0) return Encoding.UTF8.GetString(kept);
        var half = kept.Length / 2;
        return $"{Encoding.UTF8.GetString(kept, 0, half)}\n[… {omitted} bytes left out …]\n{Encoding.UTF8.GetString(kept, half, kept.Length - half)}";
    }

    private static string Shorten(string commandLine)
    {
        var line = commandLine.ReplaceLineEndings(" ").Trim();
        return line.Length <= 120 ? line : line[..119] + "…";
    }

    /// <summary>Turns bytes into text events without secrets; a character or value that is cut by a chunk's end waits for the next chunk.</summary>
    private sealed class StepOutput(RunSession session, string position)
    {
        private readonly OutputText _stdout = new(session.Redactor);
        private readonly OutputText _stderr = new(session.Redactor);

        public void Write(ExecOutput output)
        {
            // Where there are secrets, a listener that comes in the middle must not hear the second half of one.
            if (!session.IsHeard && session.Redactor.IsEmpty) return;
            Publish(output.IsError, (output.IsError ? _stderr : _stdout).Add(output.Data.Span));
        }

        public void End()
        {
            Publish(false, _stdout.End());
            Publish(true, _stderr.End());
        }

        private void Publish(bool isError, string text)
        {
            if (text.Length == 0) return;
            session.Publish("step.output", new JsonObject
            {
                ["position"] = position,
                ["stream"] = isError ? "stderr" : "stdout",
                ["text"] = text,
            });
        }
    }

    private sealed class OutputText(Redactor redactor)
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
        private readonly StreamRedactor _redactor = new(redactor);

        public string Add(ReadOnlySpan<byte> data)
        {
            var characters = new char[data.Length + 4];
            return _redactor.Add(new string(characters, 0, _decoder.GetChars(data, characters, flush: false)));
        }

        public string End() => _redactor.End();
    }
}
