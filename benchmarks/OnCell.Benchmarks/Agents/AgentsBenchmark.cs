using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OnCell.Cells;
using OnCell.Hosting;
using OnCell.Sandboxes;

namespace OnCell.Benchmarks.Agents;

/// <summary>What a durable step of an agent costs over the bare thing, in one cell and one run of the program.</summary>
internal static class AgentsBenchmark
{
    private const int Steps = 200;
    private const string Customer = "bench";

    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        if (options.Has("--models-only"))
        {
            await LocalModelBenchmark.RunAsync(report, options);
            return;
        }

        await MeasureStepsAsync(report, options);
        if (options.Has("--steps-only")) return;
        await LocalModelBenchmark.RunAsync(report, options);
        await CrowdBenchmark.RunAsync(report, options);
    }

    private static async Task MeasureStepsAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        using var host = Build(options);
        await host.StartAsync();
        var cells = host.Services.GetRequiredService<ICellManager>();
        var owner = host.Services.GetRequiredService<CellHost>();
        while (!owner.Status.Ready) await Task.Delay(10);
        var watch = Stopwatch.StartNew();
        await cells.CreateAsync(new CustomerRequest { Id = Customer }, null, default);
        report.Add("agent_create_ms", watch.Elapsed.TotalMilliseconds, "ms", "customer, sandbox and an empty setup; the image was there");
        try
        {
            await MeasureAsync(report, cells, owner);
        }
        finally
        {
            await cells.DeleteAsync(Customer, default);
            await host.StopAsync();
        }
    }

    private static async Task MeasureAsync(BenchmarkReport report, ICellManager cells, CellHost owner)
    {
        await StepsAsync(cells, "shell"); // warms up both ways
        var bare = Median(await BareAsync(owner.Cells.Get(Customer)));
        var shell = await StepsAsync(cells, "shell");
        report.Add("bare_exec_p50_ms", bare, "ms", "the same command, without a key or a journal");
        report.Add("agent_step_p50_ms", Median(shell), "ms", "ctx.ShellAsync(\"true\")");
        report.Add("agent_step_p99_ms", Percentile(shell, 0.99), "ms");
        report.Add("step_overhead_ms", Median(shell) - bare, "ms", "start and end in the journal, the guest's record on the volume");
        report.AddRatio("agent_step_over_bare_exec", Median(shell), bare, "ms", "bare exec");
        report.Add("model_step_p50_ms", Median(await StepsAsync(cells, "model")), "ms", "a model that answers at once");
        report.Add("memory_step_p50_ms", Median(await StepsAsync(cells, "memory")), "ms");
        report.Add("file_read_step_p50_ms", Median(await StepsAsync(cells, "read")), "ms");
    }

    private static async Task<double[]> BareAsync(LiveCell cell)
    {
        using var lease = await cell.AcquireAsync(default);
        var sandbox = await cell.GetSandboxAsync(default);
        var samples = new double[Steps];
        for (var i = 0; i < Steps; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await sandbox.RunAsync(ExecSpec.Shell("true"));
            samples[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return samples;
    }

    private static async Task<double[]> StepsAsync(ICellManager cells, string method)
    {
        var run = await cells.StartRunAsync(Customer, method, new JsonObject { ["count"] = Steps }, null, default);
        run = await cells.WaitRunAsync(Customer, run.Id, default);
        return run.ResultJson is { } result
            ? JsonSerializer.Deserialize<double[]>(result)!
            : throw new InvalidOperationException($"The run of {method} did not complete: {run.Error?.Message}");
    }

    private static IHost Build(BenchmarkOptions options)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddOnCell(o => o.DataRoot = Path.Combine(options.WorkFolder, "data"))
            .AddAgent<StepAgent>()
            .AddModel("instant", _ => new InstantModel());
        return builder.Build();
    }

    public static double Median(IEnumerable<double> samples) => Percentile([.. samples], 0.5);

    private static double Percentile(double[] samples, double share) =>
        samples.Order().ElementAt((int)Math.Min(samples.Length - 1, Math.Ceiling(share * samples.Length) - 1));
}
