using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Runs;

/// <summary>A journal without room leaves its run open; the run goes on by itself once there is some.</summary>
public sealed class FullDiskTests
{
    private const string Customer = "acme";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_whose_result_has_no_room_goes_on_once_there_is_some_and_runs_its_command_once()
    {
        var log = new RunLog();
        await using var host = await TestHost.StartAsync<TalkativeAgent>(build: b => b.Services.AddSingleton<ILoggerProvider>(log));
        await host.CreateAsync(Customer);
        var kept = Path.Combine(host.DataRoot, "cells", Customer, "journal.db.blobs");
        Directory.CreateDirectory(kept);
        await MountAsync("-t", "tmpfs", "-o", "size=64k", "tmpfs", kept);
        try
        {
            var run = await host.Cells.StartRunAsync(Customer, "talk", [], null, Ct);
            Assert.Contains("free space there", await log.Waiting.Task.WaitAsync(Limit, Ct), StringComparison.Ordinal);
            Assert.Equal(RunState.Running, (await host.Cells.GetRunAsync(Customer, run.Id, Ct)).State);

            await MountAsync("-o", "remount,size=64m", kept);
            var done = await host.Cells.WaitRunAsync(Customer, run.Id, Ct).WaitAsync(Limit, Ct);
            Assert.Equal(("200000 of 1", RunState.Completed), (done.ResultJson?.Trim('"'), done.State));
        }
        finally
        {
            await RunAsync("umount", "-l", kept);
        }
    }

    /// <summary>Hears of the run that could not go on.</summary>
    private sealed class RunLog : ILoggerProvider, ILogger
    {
        public TaskCompletionSource<string> Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == nameof(OnCell.Runs.RunLog.StorageFailed)) Waiting.TrySetResult(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }

    private static Task MountAsync(params string[] arguments) => RunAsync("mount", arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Ct);
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>An agent whose command says a lot.</summary>
public sealed class TalkativeAgent : LifecycleAgent
{
    public async Task<string> TalkAsync(CellContext ctx)
    {
        var said = await ctx.ShellAsync("echo x >> count; head -c 200000 /dev/zero | tr '\\0' x");
        var count = await ctx.ShellAsync("wc -l < count");
        return $"{said.Stdout.Length} of {count.Stdout.Trim()}";
    }
}
