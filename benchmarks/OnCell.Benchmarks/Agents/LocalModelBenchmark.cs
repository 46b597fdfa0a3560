using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Models;
using OnCell.Models.Calls;
using OnCell.Sandboxes.Images;

namespace OnCell.Benchmarks.Agents;

/// <summary>A local model in its sandbox beside the very same program, weights and prompt on the host.</summary>
/// <remarks>
/// Both are asked in turn, so that what else the machine does meets both alike; and so is LLamaSharp in this process, where the
/// build has it (OnCellLLamaSharp=true).
/// </remarks>
internal static partial class LocalModelBenchmark
{
    private const string Weights = "/var/cache/oncell/npm/tinyllama-1.1b-chat-iq2_xxs.gguf";
    private const string Prompt = "Explain in a few sentences what a journal of durable steps is good for.";
    private const int Tokens = 64;
    private const int Rounds = 5;
    private const int Port = 18_080;
    private const int AtOnce = 8;

    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        if (!File.Exists(Weights))
        {
            Console.Error.WriteLine("no local model is measured: run eng/models.sh --chat for its weights");
            return;
        }

        string? inProcess = null;
        await using var services = Build(Path.Combine(options.WorkFolder, "models"), ref inProcess);
        var router = services.GetRequiredService<ModelRouter>();
        var watch = Stopwatch.StartNew();
        await AskAsync(router, "inside", 1);
        report.Add("local_model_start_ms", watch.Elapsed.TotalMilliseconds, "ms", "image there; sandbox, server, weights loaded, one token");
        report.Add("local_model_mb", MemoryUse.OfSandboxes("model-inside"), "MB", "its sandbox, pages of files apart, so without the weights");
        using var outside = await StartOutsideAsync(router);
        try
        {
            report.Add("outside_mb", MemoryUse.OfProcess(outside.Id), "MB", "llama-server on the host");
            var (inside, bare, own) = (new List<Answer>(), new List<Answer>(), new List<Answer>());
            if (inProcess is not null)
            {
                var before = MemoryUse.OfProcess(Environment.ProcessId);
                await AskAsync(router, inProcess, 1); // loads the weights
                report.Add("in_process_mb", MemoryUse.OfProcess(Environment.ProcessId) - before, "MB", "LLamaSharp in this process");
            }

            for (var i = 0; i < Rounds; i++)
            {
                inside.Add(await AskAsync(router, "inside", Tokens));
                bare.Add(await AskAsync(router, "outside", Tokens));
                if (inProcess is not null) own.Add(await AskAsync(router, inProcess, Tokens));
            }

            report.Add("local_model_first_token_ms", AgentsBenchmark.Median(inside.Select(a => a.FirstMilliseconds)), "ms", $"{Tokens} tokens asked for, a short prompt");
            report.Add("outside_first_token_ms", AgentsBenchmark.Median(bare.Select(a => a.FirstMilliseconds)), "ms", "the same llama-server on the host, without a sandbox");
            report.Add("local_model_tokens_per_s", AgentsBenchmark.Median(inside.Select(a => a.TokensPerSecond)), "tokens/s");
            report.Add("outside_tokens_per_s", AgentsBenchmark.Median(bare.Select(a => a.TokensPerSecond)), "tokens/s");
            report.AddRatio("local_model_over_outside", AgentsBenchmark.Median(inside.Select(a => a.TokensPerSecond)), AgentsBenchmark.Median(bare.Select(a => a.TokensPerSecond)), "tokens/s", "llama-server on the host");
            if (own.Count > 0)
            {
                report.Add("in_process_first_token_ms", AgentsBenchmark.Median(own.Select(a => a.FirstMilliseconds)), "ms", "LLamaSharp in this process, the same weights and prompt; it reads the prompt anew each time");
                report.Add("in_process_tokens_per_s", AgentsBenchmark.Median(own.Select(a => a.TokensPerSecond)), "tokens/s");
                report.AddRatio("local_model_over_in_process", AgentsBenchmark.Median(inside.Select(a => a.TokensPerSecond)), AgentsBenchmark.Median(own.Select(a => a.TokensPerSecond)), "tokens/s", "LLamaSharp in process");
            }
        }
        finally
        {
            outside.Kill(entireProcessTree: true);
            await outside.WaitForExitAsync();
        }

        watch.Restart();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => AskAsync(router, "inside", Tokens / 2)));
        report.Add("local_model_tokens_per_s_8_at_once", AtOnce * (Tokens / 2) / watch.Elapsed.TotalSeconds, "tokens/s", "8 callers, 2 answers at a time, the others wait in turn");
        foreach (var hosted in services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<OnCell.Models.Local.LocalModels>())
            await hosted.StopAsync(default);
    }

    /// <summary>Adds the model in this process, and says its name, in a build that has LLamaSharp.</summary>
    static partial void AddInProcess(IOnCellBuilder builder, ref string? name);

    private static ServiceProvider Build(string folder, ref string? inProcess)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        var builder = services.AddOnCell(o =>
        {
            o.DataRoot = folder;
            o.Models = [new ModelProviderOptions { Name = "outside", Model = "outside", Endpoint = new Uri($"http://127.0.0.1:{Port}/v1"), ApiKey = "none" }];
        }).AddLocalModel("inside", m =>
        {
            m.Weights = Weights;
            m.ContextTokens = 512;
        });
        AddInProcess(builder, ref inProcess);
        return services.BuildServiceProvider();
    }

    /// <summary>Runs the server of the model's own base system on the host, with the settings that its sandbox has.</summary>
    private static async Task<Process> StartOutsideAsync(ModelRouter router)
    {
        var images = new ImageStore(new ImageStoreOptions { Source = await PackageSource.DebianAsync("forky", default) });
        var root = (await images.GetAsync(new ImageSpec { Packages = ["llama.cpp-tools"] }, null, default)).RootFileSystem;

        // In a mount namespace of its own, so that nothing of it is seen or left on the host.
        const string enter = "mount --bind \"$0\" /mnt && mount --bind \"$1\" /mnt/mnt && mount --bind /proc /mnt/proc && shift && exec chroot /mnt llama-server \"$@\"";
        var start = new ProcessStartInfo("unshare",
        [
            "--mount", "sh", "-c", enter, root, Path.GetDirectoryName(Weights)!,
            "--model", "/mnt/" + Path.GetFileName(Weights), "--host", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--parallel", "2", "--ctx-size", "1024",
            "--threads", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), "--cache-ram", "0", "--offline", "--no-ui", "--no-slots", "--jinja",
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        var said = "";
        process.OutputDataReceived += (_, e) => said = e.Data ?? said;
        process.ErrorDataReceived += (_, e) => said = e.Data ?? said;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var i = 0; i < 60; i++)
        {
            if (process.HasExited) throw new InvalidOperationException($"llama-server on the host ended with {process.ExitCode}: {said}");
            try
            {
                await AskAsync(router, "outside", 1);
                return process;
            }
            catch (ModelException)
            {
                await Task.Delay(500); // it loads its weights
            }
        }

        process.Kill();
        throw new InvalidOperationException($"llama-server on the host did not load its weights: {said}");
    }

    private static async Task<Answer> AskAsync(ModelRouter router, string model, int tokens)
    {
        var watch = Stopwatch.StartNew();
        double? first = null;
        var answer = await router.AskAsync(
            new ModelRequest(model, [new ChatMessage(ChatRole.User, Prompt)], new ChatOptions { MaxOutputTokens = tokens, Temperature = 0 }, Guid.NewGuid().ToString("n"))
            {
                Stream = true,
                OnText = text => first ??= text is null ? null : watch.Elapsed.TotalMilliseconds,
            },
            default);
        var begun = first ?? watch.Elapsed.TotalMilliseconds;
        var given = answer.Response.Usage?.OutputTokenCount ?? tokens;
        return new Answer(begun, (given - 1) / Math.Max(0.001, (watch.Elapsed.TotalMilliseconds - begun) / 1000));
    }

    private sealed record Answer(double FirstMilliseconds, double TokensPerSecond);
}
