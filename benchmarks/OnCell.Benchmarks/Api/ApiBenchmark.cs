using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OnCell.Benchmarks.Api;

/// <summary>What the HTTP API costs over a bare Minimal-API endpoint of the same server, in one run of the program.</summary>
internal static class ApiBenchmark
{
    private const string Customer = "bench";
    private const int FirstEvents = 50;

    public static async Task RunAsync(BenchmarkReport report, BenchmarkOptions options)
    {
        await using var server = await ApiServer.StartAsync(Path.Combine(options.WorkFolder, "data"));
        using var http = server.Client();
        using var made = await http.PostAsJsonAsync("/v1/customers", new { id = Customer });
        made.EnsureSuccessStatusCode();
        try
        {
            var run = await RunAsync(http);
            await ThroughputAsync(report, server, run);
            await FirstEventAsync(report, http);
            await StreamsAsync(report, server);
        }
        finally
        {
            using var deleted = await http.DeleteAsync(new Uri($"/v1/customers/{Customer}", UriKind.Relative));
            if (!deleted.IsSuccessStatusCode)
                await Console.Error.WriteLineAsync($"The cell was not removed: {await deleted.Content.ReadAsStringAsync()}");
        }
    }

    private static async Task ThroughputAsync(BenchmarkReport report, ApiServer server, string run)
    {
        // The first is thrown away: it pays for compilation. The bare endpoint is measured before and after, and the better one counts.
        await LoadAsync(server, "/bare", TimeSpan.FromSeconds(2));
        await LoadAsync(server, $"/v1/customers/{Customer}", TimeSpan.FromSeconds(2));
        var before = await LoadAsync(server, "/bare");
        var routes = new (string Name, string Path)[]
        {
            ("get", $"/v1/customers/{Customer}"),
            ("get_run", $"/v1/runs/{Customer}/{run}"),
            ("list_runs", $"/v1/runs?customer={Customer}"),
            ("steps", $"/v1/runs/{Customer}/{run}/steps"),
        };
        var results = new List<(string Name, LoadResult Result)>();
        foreach (var (name, path) in routes) results.Add((name, await LoadAsync(server, path)));
        var after = await LoadAsync(server, "/bare");
        var bare = before.Rps > after.Rps ? before : after;
        report.Add("bare_rps", bare.Rps, "1/s", "a Minimal-API endpoint that returns the same record, no authentication");
        report.Add("bare_p99_ms", bare.P99, "ms");
        foreach (var (name, result) in results)
        {
            report.Add($"{name}_rps", result.Rps, "1/s");
            report.Add($"{name}_p99_ms", result.P99, "ms");
            report.AddRatio($"{name}_rps_over_bare", result.Rps, bare.Rps, "1/s", "bare Minimal API");
        }
    }

    private static Task<LoadResult> LoadAsync(ApiServer server, string path, TimeSpan? duration = null) =>
        Load.RunAsync(server, path, duration ?? TimeSpan.FromSeconds(5));

    private static async Task FirstEventAsync(BenchmarkReport report, HttpClient http)
    {
        var samples = new double[FirstEvents];
        for (var i = 0; i < FirstEvents; i++) samples[i] = await ApiStreams.TimeToFirstEventAsync(http, Customer);
        Array.Sort(samples);
        report.Add("time_to_first_event_ms", samples[FirstEvents / 2], "ms", "POST /agents/{method}/stream until its first event; the run is on the disk by then");
        report.Add("time_to_first_event_p99_ms", samples[FirstEvents - 1], "ms", $"the largest of {FirstEvents}");
    }

    private static async Task StreamsAsync(BenchmarkReport report, ApiServer server)
    {
        var result = await ApiStreams.OpenIdleAsync(server, Customer, 1000);
        report.Add("concurrent_streams", result.Served, "streams", "idle streams of one customer's events that all got the next event");
        report.Add("bytes_per_stream", result.BytesPerStream, "B", "managed memory of server and client together, after a full collection");
        report.Add("stream_fanout_ms", result.FanOut, "ms", "from the event until the last stream had it");
    }

    private static async Task<string> RunAsync(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync("/v1/agents/nothing", new { customer = Customer, input = new { } });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["runId"]!.GetValue<string>();
    }
}
