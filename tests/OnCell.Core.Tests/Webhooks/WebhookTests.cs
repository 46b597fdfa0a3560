using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Journaling;
using OnCell.Sandboxes;

namespace OnCell.Core.Tests.Webhooks;

/// <summary>Messages to a real receiver that is down, slow to agree, or not to be reached.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<Received> _received = new();
    private WebApplication _receiver = null!;
    private TestHost _host = null!;
    private int _refuse;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IWebhooks Webhooks => _host.Services.GetRequiredService<IWebhooks>();

    private Uri Url => new(_receiver.Urls.Single() + "/hook");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _receiver = builder.Build();
        _receiver.MapPost("/hook", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            _received.Enqueue(new Received(
                request.Headers["OnCell-Delivery"]!, request.Headers["OnCell-Event"]!, request.Headers["OnCell-Signature"]!, await reader.ReadToEndAsync()));
            return Interlocked.Decrement(ref _refuse) >= 0 ? Results.StatusCode(503) : Results.Ok();
        });
        await _receiver.StartAsync();
        _host = await TestHost.StartAsync<WebhookAgent>(o =>
        {
            o.Webhooks.Allow.Add("127.0.0.1/32");
            o.Webhooks.FirstDelay = TimeSpan.FromMilliseconds(50);
            o.Webhooks.MaxAttempts = 4;
        });
        await _host.CreateAsync("acme");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_message_is_signed_and_comes_until_it_is_taken_with_one_id()
    {
        var (webhook, secret) = await Webhooks.AddAsync(Url, [WebhookEvents.RunCompleted], null, Ct);
        _refuse = 2;
        var run = await RunAsync("ok");
        var delivery = await DeliveryAsync(webhook.Id, DeliveryState.Delivered);
        Assert.Equal((3, "run.completed", "acme"), (delivery.Attempts, delivery.Event, delivery.Customer));
        Assert.Equal(3, _received.Count);
        Assert.All(_received, r => Assert.Equal((delivery.Id, "run.completed"), (r.Delivery, r.Event)));
        Assert.All(_received, r => AssertSigned(secret, r));
        Assert.NotEqual(secret, (await Webhooks.AddAsync(Url, [WebhookEvents.QuotaNear], "acme", Ct)).Secret);
        var body = JsonNode.Parse(_received.First().Body)!;
        Assert.Equal((run, "ok", "acme"), ((string)body["data"]!["runId"]!, (string)body["data"]!["method"]!, (string)body["customer"]!));
        await RunAsync("fail"); // not asked for
        Assert.Single(await Webhooks.ListDeliveriesAsync(webhook.Id, Ct));
    }

    [Fact]
    public async Task What_is_pending_is_sent_by_the_next_service_and_an_end_that_was_not_told_is()
    {
        var (webhook, _) = await Webhooks.AddAsync(Url, [WebhookEvents.RunFailed], "acme", Ct);
        _refuse = 1000;
        await RunAsync("fail");
        await DeliveryAsync(webhook.Id, DeliveryState.Failed); // given up, the receiver was down for too long
        await Webhooks.RetryAsync(webhook.Id, Assert.Single(await Webhooks.ListDeliveriesAsync(webhook.Id, Ct)).Id, Ct);
        await _host.StopAsync();
        _refuse = 0;
        var before = _received.Count;
        await _host.StartAsync();
        Assert.True((await DeliveryAsync(webhook.Id, DeliveryState.Delivered)).Attempts >= 1);
        Assert.Equal(before + 1, _received.Count);
        Assert.Single(_received.Select(r => r.Delivery).Distinct());
    }

    [Fact]
    public async Task A_run_that_waits_for_a_person_says_so_once()
    {
        var (webhook, _) = await Webhooks.AddAsync(Url, WebhookEvents.All, null, Ct);
        var run = await _host.Cells.StartRunAsync("acme", "pay", [], null, Ct);
        while (!(await _host.Cells.ListStepsAsync("acme", run.Id, Ct)).Any()) await Task.Delay(20, Ct);
        await _host.StopAsync();
        await _host.StartAsync();
        var waits = await DeliveryAsync(webhook.Id, DeliveryState.Delivered);
        Assert.Equal("run.needsDecision", waits.Event);
        await _host.StopAsync();
        await _host.StartAsync();
        while ((await _host.Cells.GetRunAsync("acme", run.Id, Ct)).State != RunState.NeedsDecision) await Task.Delay(20, Ct);
        await _host.Cells.DecideRunAsync("acme", run.Id, "1", new StepDecision.Fail("no"), Ct);
        Assert.Equal(RunState.Failed, (await _host.Cells.WaitRunAsync("acme", run.Id, Ct)).State);
        await TestHost.WaitForAsync(async () => (await Webhooks.ListDeliveriesAsync(webhook.Id, Ct)).Any(d => d is { Event: "run.failed", State: DeliveryState.Delivered }), Limit);
        Assert.Equal(["run.failed", "run.needsDecision"], (await Webhooks.ListDeliveriesAsync(webhook.Id, Ct)).Select(d => d.Event).Order());
    }

    [Fact]
    public async Task A_step_that_stops_again_after_a_decision_needs_another_and_says_so()
    {
        var (webhook, _) = await Webhooks.AddAsync(Url, [WebhookEvents.RunNeedsDecision], null, Ct);
        var run = await _host.Cells.StartRunAsync("acme", "pay", [], null, Ct);
        for (var told = 1; told <= 2; told++)
        {
            await TestHost.WaitForAsync(async () => (await _host.Cells.ListStepsAsync("acme", run.Id, Ct))
                .Any(s => s.Attempts == told && s.State == StepState.Started), Limit);
            await _host.StopAsync();
            await _host.StartAsync();
            await TestHost.WaitForAsync(async () => (await Webhooks.ListDeliveriesAsync(webhook.Id, Ct)).Count(d => d.State == DeliveryState.Delivered) == told, Limit);
            Assert.Equal(told, (int)JsonNode.Parse(_received.Last().Body)!["data"]!["attempt"]!);
            await _host.Cells.DecideRunAsync("acme", run.Id, "1", new StepDecision.RunAgain(), Ct);
        }

        await _host.Cells.CancelRunAsync("acme", run.Id, Ct);
    }

    [Fact]
    public async Task An_address_of_this_network_is_refused_unless_the_operator_allows_it()
    {
        var (webhook, _) = await Webhooks.AddAsync(new Uri($"https://[::1]:{Url.Port}/hook"), [WebhookEvents.RunCompleted], null, Ct);
        await RunAsync("ok");
        Assert.Contains("OnCell:Webhooks:Allow", (await DeliveryAsync(webhook.Id, DeliveryState.Failed)).Answer, StringComparison.Ordinal);
        Assert.Empty(_received);
        foreach (var url in (string[])["ftp://a.test/", "https://user:word@a.test/", "http://93.184.216.34/", "/hook", "https://a.test/" + new string('x', 3000)])
            Assert.Equal("url", (await Assert.ThrowsAsync<OnCellException>(() => Webhooks.AddAsync(new Uri(url, UriKind.RelativeOrAbsolute), ["run.failed"], null, Ct))).Field);
        foreach (var events in (string[][])[[], ["run.exploded"], ["run.failed", "run.failed"]])
            Assert.Equal("events", (await Assert.ThrowsAsync<OnCellException>(() => Webhooks.AddAsync(Url, events, null, Ct))).Field);
        Assert.Equal(OnCellError.NotFound, (await Assert.ThrowsAsync<OnCellException>(() => Webhooks.AddAsync(Url, ["run.failed"], "nobody", Ct))).Error);
        Assert.True(await Webhooks.RemoveAsync(webhook.Id, Ct));
        Assert.False(await Webhooks.RemoveAsync(webhook.Id, Ct));
        Assert.Equal(OnCellError.NotFound, (await Assert.ThrowsAsync<OnCellException>(() => Webhooks.ListDeliveriesAsync(webhook.Id, Ct))).Error);
    }

    [Theory]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("169.254.169.254", "cloud metadata")]
    [InlineData("64:ff9b::a9fe:a9fe", "cloud metadata")]
    [InlineData("10.0.0.1", "private network")]
    [InlineData("fd00::1", "private network")]
    [InlineData("93.184.216.34", null)]
    [InlineData("2606:4700::1111", null)]
    public void Addresses_that_are_not_public_are_known(string address, string? kind) =>
        Assert.Equal(kind, PublicAddress.WhyNot(System.Net.IPAddress.Parse(address)));

    private static void AssertSigned(string secret, Received received)
    {
        var parts = received.Signature.Split(',');
        var time = parts[0]["t=".Length..];
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{received.Body}")));
        Assert.Equal("v1=" + expected, parts[1]);
    }

    private async Task<string> RunAsync(string method)
    {
        var started = await _host.Cells.StartRunAsync("acme", method, [], null, Ct);
        await _host.Cells.WaitRunAsync("acme", started.Id, Ct);
        return started.Id;
    }

    private async Task<WebhookDelivery> DeliveryAsync(string webhook, DeliveryState state)
    {
        await TestHost.WaitForAsync(async () => (await Webhooks.ListDeliveriesAsync(webhook, Ct)).Any(d => d.State == state), Limit);
        return (await Webhooks.ListDeliveriesAsync(webhook, Ct)).First(d => d.State == state);
    }

    private sealed record Received(string Delivery, string Event, string Signature, string Body);
}

public sealed class WebhookAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb" };

    public Task OkAsync(CellContext ctx) => ctx.NowAsync();

    public Task FailAsync(CellContext ctx) => throw new InvalidOperationException("no way");

    /// <summary>What must not be done twice, and is cut off in the middle.</summary>
    public Task<bool> PayAsync(CellContext ctx) => ctx.StepAsync("pay", StepEffect.Unsafe, async (_, token) =>
    {
        await Task.Delay(Timeout.Infinite, token);
        return true;
    });
}
