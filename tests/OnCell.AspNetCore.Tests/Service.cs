using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OnCell.AspNetCore.Tests;

/// <summary>A real service: Kestrel on loopback or a <c>WebApplicationFactory</c>, real sandboxes, a data root of its own.</summary>
public sealed class Service : IAsyncDisposable
{
    private readonly IAsyncDisposable _host;
    private readonly Func<HttpClient> _client;

    private Service(IAsyncDisposable host, IServiceProvider services, Func<HttpClient> client, string dataRoot)
    {
        (_host, Services, _client) = (host, services, client);
        DataRoot = dataRoot;
        Http = Client(AdministratorKey);
    }

    public const string AdministratorKey = "administrator-of-the-tests-0123456789";

    public string DataRoot { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services { get; }

    public static async Task<Service> StartAsync(string? dataRoot = null, Action<OnCellOptions>? configure = null, Action<IOnCellBuilder>? build = null)
    {
        dataRoot ??= Directory.CreateTempSubdirectory("oncell-test-").FullName;
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Test" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Add(builder.Services, dataRoot, configure, build);
        var app = builder.Build();
        app.MapOnCell();
        app.MapOnCellMcp();
        await app.StartAsync();
        return new Service(app, app.Services, () => new HttpClient { BaseAddress = new Uri(app.Urls.Single()) }, dataRoot);
    }

    /// <summary>Starts the same service in a <c>WebApplicationFactory</c>.</summary>
    public static Task<Service> StartInProcessAsync()
    {
        var dataRoot = Directory.CreateTempSubdirectory("oncell-test-").FullName;
        var factory = new InProcessHost(services => Add(services, dataRoot, null, null));
        return Task.FromResult(new Service(factory, factory.Services, () => factory.CreateDefaultClient(), dataRoot));
    }

    /// <summary>Makes a client that shows a key, or none.</summary>
    public HttpClient Client(string? key)
    {
        var http = _client();
        http.Timeout = TimeSpan.FromMinutes(10);
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    /// <summary>Makes an API key and a client that shows it.</summary>
    public async Task<HttpClient> ClientAsync(string? customer, params string[] areas)
    {
        using var response = await Http.PostAsJsonAsync("/v1/keys", new { name = "a test", customer, areas });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return Client(JsonNode.Parse(body)!["text"]!.GetValue<string>());
    }

    /// <summary>Waits until the service owns its data root.</summary>
    public async Task<Service> ReadyAsync()
    {
        for (var i = 0; i < 600; i++)
        {
            using var response = await Http.GetAsync("/v1/customers");
            if (response.IsSuccessStatusCode) return this;
            await Task.Delay(50);
        }

        throw new TimeoutException("The service did not become ready.");
    }

    public async Task<JsonNode?> RunAsync(string customer, string method, object input)
    {
        using var response = await Http.PostAsJsonAsync($"/v1/agents/{method}", new { customer, input });
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!["result"];
    }

    /// <summary>Follows a run until an event of a type.</summary>
    public async Task WaitForEventAsync(string run, string type)
    {
        using var response = await Http.GetAsync(run + "/events", HttpCompletionOption.ResponseHeadersRead);
        await foreach (var e in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            if (e.EventType == type) return;
        }

        throw new InvalidOperationException($"The run {run} ended without {type}.");
    }

    public async Task CreateAsync(string customer)
    {
        using var response = await Http.PostAsJsonAsync("/v1/customers", new { id = customer });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Stops the service; its sandboxes go on, as after a crash.</summary>
    public async Task StopAsync()
    {
        Http.Dispose();
        if (_host is IHost host) await host.StopAsync(); // a factory stops its host itself
        await _host.DisposeAsync();
    }

    /// <summary>Removes every customer, then the data root.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(DataRoot))
        {
            await ReadyAsync();
            foreach (var customer in (await Http.GetFromJsonAsync<JsonArray>("/v1/customers"))!)
                (await Http.DeleteAsync($"/v1/customers/{customer!["customer"]}")).Dispose();
        }

        await StopAsync();
        if (Directory.Exists(DataRoot)) Directory.Delete(DataRoot, recursive: true);
    }

    private static void Add(IServiceCollection services, string dataRoot, Action<OnCellOptions>? configure, Action<IOnCellBuilder>? build)
    {
        services.AddLogging(l => l.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        var onCell = services.AddOnCell(o =>
        {
            o.DataRoot = dataRoot;
            configure?.Invoke(o);
        });
        onCell.AddApiKeys(o => o.AdministratorKey = AdministratorKey).AddMcp();
        if (build is null) onCell.AddAgent<TestAgent>().AddModel("test", _ => new UpperCaseModel());
        else build(onCell);
    }

    /// <summary>A model that answers with the prompt in capitals, and counts what it was asked.</summary>
    public sealed class UpperCaseModel : IChatClient
    {
        /// <summary>Gets how many tokens a call takes.</summary>
        public long Tokens { get; init; } = 2;

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, messages.Last().Text.ToUpperInvariant()))
            {
                ModelId = "upper",
                Usage = new UsageDetails { InputTokenCount = Tokens / 2, OutputTokenCount = Tokens - (Tokens / 2), TotalTokenCount = Tokens },
            });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetResponseAsync(messages, options, cancellationToken).Result.ToChatResponseUpdates().ToAsyncEnumerable();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
