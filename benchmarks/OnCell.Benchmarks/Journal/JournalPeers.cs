using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace OnCell.Benchmarks.Journal;

/// <summary>What a system made of the same three-step runs.</summary>
/// <param name="RunMs">Median of one run after another.</param>
/// <param name="StepsPerSecond">With 64 runs at a time.</param>
/// <param name="StepP50Ms">With 64 runs at a time.</param>
/// <param name="StepP99Ms">With 64 runs at a time.</param>
internal sealed record PeerResult(double RunMs, double StepsPerSecond, double StepP50Ms, double StepP99Ms);

/// <summary>
/// Runs DBOS (its TypeScript library on PostgreSQL) and Restate (its server) here, each at its durable defaults, on the disk
/// and in the minutes of the rest. What is missing (node, PostgreSQL, the network for npm) is said and skipped.
/// </summary>
internal sealed class JournalPeers(string folder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string _scripts = Path.Combine(AppContext.BaseDirectory, "Journal", "Peers");

    public async Task<PeerResult?> DbosAsync()
    {
        const string Bin = "/usr/lib/postgresql/15/bin/";
        var data = Directory.CreateDirectory(Path.Combine(folder, "pg")).FullName;
        var port = FreePort();

        // PostgreSQL refuses to run as root.
        string[] asUser = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];
        if (asUser.Length > 0)
            await RunAsync("chown", ["postgres", data]);
        var started = false;
        try
        {
            await RunAsync([.. asUser, $"{Bin}initdb", "-D", $"{data}/db", "-A", "trust", "-U", "bench"]);
            await RunAsync([.. asUser, $"{Bin}pg_ctl", "-D", $"{data}/db", "-l", $"{data}/log", "-w",
                "-o", $"-p {port} -c listen_addresses=127.0.0.1 -k {data}", "start"]);
            started = true;
            return await NodeAsync("dbos.mjs", $"postgresql://bench@127.0.0.1:{port}/bench_dbos");
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"DBOS is left out: {error.Message}");
            return null;
        }
        finally
        {
            if (started)
                await RunAsync([.. asUser, $"{Bin}pg_ctl", "-D", $"{data}/db", "-m", "immediate", "stop"]);
        }
    }

    public async Task<PeerResult?> RestateAsync()
    {
        try
        {
            var modules = await InstallAsync();
            var (ingress, admin, fabric, handler) = (FreePort(), FreePort(), FreePort(), FreePort());
            var start = new ProcessStartInfo(
                Path.Combine(modules, "@restatedev", "restate-server-linux-x64", "bin", "restate-server"),
                ["--base-dir", Path.Combine(folder, "restate"), "--node-name", "bench"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["DO_NOT_TRACK"] = "1";
            start.Environment["RESTATE_INGRESS__BIND_ADDRESS"] = $"127.0.0.1:{ingress}";
            start.Environment["RESTATE_ADMIN__BIND_ADDRESS"] = $"127.0.0.1:{admin}";
            start.Environment["RESTATE_BIND_ADDRESS"] = $"127.0.0.1:{fabric}";
            start.Environment["RESTATE_ADVERTISED_ADDRESS"] = $"http://127.0.0.1:{fabric}";
            start.Environment["RESTATE_ADMIN__DISABLE_WEB_UI"] = "true";
            using var server = Process.Start(start)!;
            var output = Task.WhenAll(server.StandardOutput.ReadToEndAsync(), server.StandardError.ReadToEndAsync());
            try
            {
                await UntilHealthyAsync($"http://127.0.0.1:{admin}/health");
                return await NodeAsync("restate.mjs", $"http://127.0.0.1:{ingress}", $"http://127.0.0.1:{admin}", $"{handler}");
            }
            finally
            {
                server.Kill();
                await server.WaitForExitAsync();
                await output;
            }
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"Restate is left out: {error.Message}");
            return null;
        }
    }

    private async Task<PeerResult> NodeAsync(string script, params string[] arguments)
    {
        var modules = await InstallAsync();
        var answer = await RunAsync(["node", Path.Combine(Path.GetDirectoryName(modules)!, script), .. arguments]);
        return JsonSerializer.Deserialize<PeerResult>(answer.Trim().Split('\n')[^1], JsonSerializerOptions.Web)!;
    }

    /// <summary>Installs the peers' packages once, beside the scripts.</summary>
    private async Task<string> InstallAsync()
    {
        var home = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(folder)!, "journal-peers")).FullName;
        foreach (var script in Directory.EnumerateFiles(_scripts))
            File.Copy(script, Path.Combine(home, Path.GetFileName(script)), overwrite: true);
        var modules = Path.Combine(home, "node_modules");
        if (!Directory.Exists(modules))
            await RunAsync(["npm", "install", "--prefix", home, "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]);
        return modules;
    }

    private static async Task UntilHealthyAsync(string url)
    {
        using var client = new HttpClient();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Patience)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(url));
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(200);
        }

        throw new TimeoutException($"{url} did not answer");
    }

    private static Task<string> RunAsync(string[] command) => RunAsync(command[0], command[1..]);

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RESTATE_LOGGING"] = "ERROR";
        start.Environment["DO_NOT_TRACK"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var complaint = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        // A daemon that was started keeps the pipes open, so only a short program's output is waited for.
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {arguments[0]} ended with {process.ExitCode}: {await complaint} {await output}");
        return arguments.Contains("start") ? "" : await output;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
