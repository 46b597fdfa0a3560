using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Hosting;

namespace OnCell.Core.Tests.Webhooks;

/// <summary>A receiver that does not answer beside one that does.</summary>
public sealed class WebhookSlownessTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _prompt = new();
    private WebApplication _receiver = null!;
    private int _asked;
    private int _waiting;
    private int _mostWaiting;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _receiver = builder.Build();
        _receiver.MapPost("/prompt", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            _prompt.Enqueue(await reader.ReadToEndAsync());
        });
        _receiver.MapPost("/slow", async () =>
        {
            Interlocked.Increment(ref _asked);
            _mostWaiting = Math.Max(_mostWaiting, Interlocked.Increment(ref _waiting));
            await _answer.Task;
            Interlocked.Decrement(ref _waiting);
        });
        await _receiver.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _answer.TrySetResult();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_holds_up_only_itself_and_gets_one_message_at_a_time()
    {
        const int Messages = 20;
        await using var host = await TestHost.StartAsync<WebhookAgent>(o =>
        {
            o.Webhooks.Allow.Add("127.0.0.1/32");
            o.Webhooks.Timeout = TimeSpan.FromMinutes(5); // longer than the test waits: nobody gives up in its place
        });
        var webhooks = host.Services.GetRequiredService<IWebhooks>();
        var services = host.Services.GetRequiredService<CellHost>().Cells.Services;
        var url = _receiver.Urls.Single();
        var (slow, _) = await webhooks.AddAsync(new Uri(url + "/slow"), [WebhookEvents.RunFailed], null, Ct);
        var (prompt, _) = await webhooks.AddAsync(new Uri(url + "/prompt"), [WebhookEvents.RunCompleted], null, Ct);
        Tell(WebhookEvents.RunFailed);
        await TestHost.WaitForAsync(() => Task.FromResult(_waiting == 1), Limit);
        Tell(WebhookEvents.RunCompleted);
        await TestHost.WaitForAsync(() => Task.FromResult(_prompt.Count == Messages), Limit);
        Assert.Equal(1, _asked);

        _answer.SetResult();
        await TestHost.WaitForAsync(async () => (await webhooks.ListDeliveriesAsync(slow.Id, Ct)).All(d => d.State == DeliveryState.Delivered), Limit);
        Assert.Equal((Messages, 1), (_asked, _mostWaiting));
        Assert.All(await webhooks.ListDeliveriesAsync(prompt.Id, Ct), d => Assert.Equal((DeliveryState.Delivered, 1), (d.State, d.Attempts)));

        void Tell(string type)
        {
            for (var i = 0; i < Messages; i++) services.Webhooks.Enqueue(type, "acme", $"run {i}", DateTimeOffset.MaxValue, "{}");
            services.WebhookSender.Wake();
        }
    }
}
