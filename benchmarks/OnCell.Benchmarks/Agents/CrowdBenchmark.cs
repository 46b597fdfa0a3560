using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OnCell.Cells;
using OnCell.Hosting;
using OnCell.Journaling;

namespace OnCell.Benchmarks.Agents;

/// <summary>A thousand customers on one machine: all registered with cells of their own, a hundred awake, twenty at work.</summary>
internal static class CrowdBenchmark
{
    private const int Registered = 1_000;
    private const int Active = 100;
    private const int Busy = 20;
    private const int MakersAtOnce = 2;
    private static readonly TimeSpan Work = TimeSpan.FromSeconds(30);

    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        using var host = Build(options);
        await host.StartAsync();
        var cells = host.Services.GetRequiredService<ICellManager>();
        while (!host.Services.GetRequiredService<CellHost>().Status.Ready) await Task.Delay(10);
        try
        {
            await RegisterAsync(report, cells);
            await WakeAsync(report, cells);
            await WorkAsync(report, cells);
        }
        finally
        {
            await Parallel.ForEachAsync(await cells.ListAsync(default), new ParallelOptions { MaxDegreeOfParallelism = 4 },
                async (cell, ct) => await cells.DeleteAsync(cell.Customer, ct));
            await host.StopAsync();
        }
    }

    private static async Task RegisterAsync(BenchmarkReport report, ICellManager cells)
    {
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, Registered), new ParallelOptions { MaxDegreeOfParallelism = MakersAtOnce }, async (i, ct) =>
        {
            await cells.CreateAsync(new CustomerRequest { Id = Name(i) }, null, ct);
            await cells.PauseAsync(Name(i), PauseTier.Stopped, ct);
        });
        report.Add("registered_customers", (await cells.ListAsync(default)).Count, "customers", $"each with a cell of its own, made, set up and stopped; {MakersAtOnce} at a time");
        report.Add("register_customers_per_s", Registered / watch.Elapsed.TotalSeconds, "customers/s");
        report.Add("registered_service_rss_mb", Rss(), "MB");
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++) await cells.ListAsync(default);
        report.Add("list_customers_ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds / 100, "ms");
    }

    private static async Task WakeAsync(BenchmarkReport report, ICellManager cells)
    {
        var available = HostMemory.AvailableMegabytes();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, Active), new ParallelOptions { MaxDegreeOfParallelism = MakersAtOnce }, async (i, ct) => await cells.ResumeAsync(Name(i), ct));
        report.Add("active_customers", (await cells.ListAsync(default)).Count(c => c.State == CellState.Active), "customers", $"woken in {watch.Elapsed.TotalSeconds:0.0} s");
        report.Add("active_cell_mb", (double)(available - HostMemory.AvailableMegabytes()) / Active, "MB", "of the host's available memory, each");
    }

    private static async Task WorkAsync(BenchmarkReport report, ICellManager cells)
    {
        var counts = new int[Busy];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Busy).Select(async i =>
        {
            while (watch.Elapsed < Work)
            {
                var run = await cells.StartRunAsync(Name(i), "shell", new JsonObject { ["count"] = 5 }, null, default);
                run = await cells.WaitRunAsync(Name(i), run.Id, default);
                if (run.State != RunState.Completed) throw new InvalidOperationException($"{Name(i)}: {run.Error?.Message}");
                counts[i] += 5;
            }
        }));
        report.Add("busy_customers", Busy, "customers", $"one run after another of 5 commands each, for {Work.TotalSeconds:0} s");
        report.Add("busy_steps_per_s", counts.Sum() / watch.Elapsed.TotalSeconds, "steps/s");
        report.Add("busy_fairness", (double)counts.Min() / counts.Max(), "ratio", "the slowest customer's steps over the fastest's");
        report.Add("busy_service_rss_mb", Rss(), "MB");
    }

    private static string Name(int i) => $"customer-{i:0000}";

    private static double Rss()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }

    private static IHost Build(BenchmarkOptions options)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.AddOnCell(o => o.DataRoot = Path.Combine(options.WorkFolder, "crowd")).AddAgent<CrowdAgent>();
        return builder.Build();
    }
}

/// <summary>Runs commands, in a small cell.</summary>
public sealed class CrowdAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb" };

    public async Task ShellAsync(CellContext ctx, int count)
    {
        for (var i = 0; i < count; i++) await ctx.ShellAsync("true").EnsureSuccess();
    }
}
