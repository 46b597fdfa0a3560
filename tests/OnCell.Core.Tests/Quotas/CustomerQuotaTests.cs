using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Core.Tests.Lifecycle;
using OnCell.Hosting;
using OnCell.Journaling;

namespace OnCell.Core.Tests.Quotas;

/// <summary>Quotas of one customer: set with it or later, kept over restarts, raised in the midst of what they refuse.</summary>
public sealed class CustomerQuotaTests : IAsyncLifetime
{
    private readonly CountingModel _model = new();
    private TestHost _host = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IQuotas Quotas => _host.Services.GetRequiredService<IQuotas>();

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync<ThriftyAgent>(
        o => (o.Quotas.TokensPerMonth, o.Quotas.Storage) = (1000, "900mb"), b => b.AddModel("counting", _ => _model));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_run_that_a_quota_refused_goes_on_when_the_quota_is_raised()
    {
        await CreateAsync("acme", new CustomerQuotas { TokensPerMonth = 50 });
        await CreateAsync("rival", null);
        var refused = await RunAsync("acme");
        Assert.Equal(RunState.Failed, refused.State);
        Assert.Contains("\"acme\" has used up its quota tokensPerMonth: 60 of 50. It begins anew on", refused.Error!.Message);
        Assert.Contains("It was set for this customer", refused.Error.Message);
        Assert.Equal(2, _model.Calls);
        Assert.Equal(RunState.Completed, (await RunAsync("rival")).State);

        await _host.StopAsync();
        await _host.StartAsync();
        Assert.Equal(new CustomerQuotas { TokensPerMonth = 50 }, (await _host.Cells.GetAsync("acme", Ct)).Quotas);
        var start = await Assert.ThrowsAsync<OnCellException>(() => _host.Cells.StartRunAsync("acme", "ask", [], "order-7", Ct));
        Assert.Equal(OnCellError.Busy, start.Error);
        Assert.InRange(start.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromDays(31));

        await _host.Cells.SetQuotasAsync("acme", new CustomerQuotas { TokensPerMonth = 500 }, Ct);
        var failed = (await _host.Cells.ListStepsAsync("acme", refused.Id, Ct)).First(s => s.State == StepState.Failed);
        var calls = _model.Calls;
        var fork = await _host.Cells.ForkRunAsync("acme", refused.Id, failed.Position.Split('.')[0], null, Ct);
        Assert.Equal(RunState.Completed, (await _host.Cells.WaitRunAsync("acme", fork.Id, Ct)).State);
        Assert.Equal(calls + 1, _model.Calls); // what was paid for is not paid for again
        var run = await _host.Cells.StartRunAsync("acme", "ask", [], "order-7", Ct);
        Assert.Equal(RunState.Completed, (await _host.Cells.WaitRunAsync("acme", run.Id, Ct)).State);

        await _host.Cells.SetQuotasAsync("acme", new CustomerQuotas { TokensPerMonth = 10 }, Ct); // lowered, it holds at once too
        await Assert.ThrowsAsync<OnCellException>(() => _host.Cells.StartRunAsync("acme", "ask", [], null, Ct));
        Assert.Null((await _host.Cells.SetQuotasAsync("acme", new CustomerQuotas(), Ct)).Quotas); // the service's again
        Assert.Equal([("tokensPerMonth", 1000.0, false), ("storage", 900e6, false)], (await Quotas.ListAsync("acme", Ct)).Select(q => (q.Quota, q.Limit, q.Own)));
    }

    [Fact]
    public async Task That_a_quota_comes_near_is_told_again_when_it_was_raised()
    {
        await CreateAsync("acme", new CustomerQuotas { TokensPerMonth = 100 });
        var webhooks = _host.Services.GetRequiredService<IWebhooks>();
        var (webhook, _) = await webhooks.AddAsync(new Uri("https://hooks.acme.test/x"), [WebhookEvents.QuotaNear], null, Ct);
        await RunAsync("acme");
        Look();
        Look();
        Assert.Equal([100], Told());
        await _host.Cells.SetQuotasAsync("acme", new CustomerQuotas { TokensPerMonth = 200 }, Ct);
        Look();
        Assert.Equal([100], Told()); // 90 of 200 is not near
        await RunAsync("acme");
        Look();
        Assert.Equal([100, 200], Told());
        Assert.Equal(2, (await webhooks.ListDeliveriesAsync(webhook.Id, Ct)).Count);

        void Look()
        {
            var cells = _host.Services.GetRequiredService<CellHost>().Cells;
            cells.Services.Quotas.LookAt(cells.Get("acme"));
        }

        IEnumerable<double> Told() => _host.Services.GetRequiredService<ICellInspector>().ListEvents("acme", 0)
            .Where(e => e.Type == "quota.near").Select(e => e.Data["limit"]!.GetValue<double>());
    }

    [Fact]
    public async Task Storage_is_the_cells_disk_and_its_snapshots_and_a_fork_has_the_quotas_of_its_origin()
    {
        var small = await Assert.ThrowsAsync<OnCellException>(() => CreateAsync("acme", new CustomerQuotas { Storage = "150mb" }));
        Assert.Equal(OnCellError.Busy, small.Error);
        Assert.Contains("With this cell \"acme\" would have 200 MB on the disk", small.Message);
        Assert.Contains("its quota storage is 150 MB", small.Message);
        Assert.Empty(await _host.Cells.ListAsync(Ct));

        await CreateAsync("acme", new CustomerQuotas { Storage = "200mb" });
        var refused = await Assert.ThrowsAsync<OnCellException>(() => _host.Cells.CreateSnapshotAsync("acme", "one", Ct));
        Assert.Contains("With this snapshot \"acme\" would have", refused.Message);
        Assert.Empty(await _host.Cells.ListSnapshotsAsync("acme", Ct));
        await _host.Cells.SetQuotasAsync("acme", new CustomerQuotas { Storage = "500mb" }, Ct);
        var snapshot = await _host.Cells.CreateSnapshotAsync("acme", "one", Ct);
        var state = (await Quotas.ListAsync("acme", Ct)).Single(q => q.Quota == "storage");
        Assert.Equal((500e6, 200e6 + snapshot.Bytes, true, null), (state.Limit, state.Used, state.Own, state.Until));

        Assert.Equal(new CustomerQuotas { Storage = "500mb" }, (await _host.Cells.ForkAsync("acme", new CustomerRequest { Id = "fork" }, null, null, Ct)).Quotas);
    }

    [Fact]
    public async Task What_cannot_be_a_quota_is_refused_and_names_the_field()
    {
        await CreateAsync("acme", null);
        foreach (var (quotas, field) in ((CustomerQuotas, string)[])
            [
                (new() { ComputeHoursPerMonth = -1 }, "computeHoursPerMonth"), (new() { ComputeHoursPerMonth = double.NaN }, "computeHoursPerMonth"),
                (new() { ComputeHoursPerMonth = 1e7 }, "computeHoursPerMonth"), (new() { TokensPerMonth = -1 }, "tokensPerMonth"), (new() { Storage = "lots" }, "storage"),
                (new() { Storage = "-5gb" }, "storage"), (new() { Storage = "" }, "storage"),
            ])
        {
            Assert.Equal(field, (await Assert.ThrowsAsync<OnCellException>(() => _host.Cells.SetQuotasAsync("acme", quotas, Ct))).Field);
            Assert.Equal("quotas." + field, (await Assert.ThrowsAsync<OnCellException>(() => CreateAsync("other", quotas))).Field);
        }

        Assert.Null((await _host.Cells.GetAsync("acme", Ct)).Quotas);
        Assert.Equal(OnCellError.NotFound, (await Assert.ThrowsAsync<OnCellException>(() => _host.Cells.SetQuotasAsync("nobody", null, Ct))).Error);
        await _host.Cells.SetQuotasAsync("acme", new CustomerQuotas { Storage = "999999999tb", TokensPerMonth = long.MaxValue, ComputeHoursPerMonth = 1e6 }, Ct); // as good as none
        Assert.Equal(3, (await Quotas.ListAsync("acme", Ct)).Count);
    }

    private Task<CellInfo> CreateAsync(string customer, CustomerQuotas? quotas) =>
        _host.Cells.CreateAsync(new CustomerRequest { Id = customer, Quotas = quotas }, null, Ct);

    private async Task<RunInfo> RunAsync(string customer)
    {
        var run = await _host.Cells.StartRunAsync(customer, "ask", [], null, Ct);
        return await _host.Cells.WaitRunAsync(customer, run.Id, Ct);
    }

    /// <summary>Takes 30 tokens for each answer.</summary>
    private sealed class CountingModel : IChatClient
    {
        private int _calls;

        public int Calls => _calls;

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "yes")) { Usage = new UsageDetails { InputTokenCount = 20, OutputTokenCount = 10 } });
        }

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            GetResponseAsync(messages, options, cancellationToken).Result.ToChatResponseUpdates().ToAsyncEnumerable();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}

/// <summary>Asks its model three times.</summary>
public sealed class ThriftyAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-512mb", Storage = "200mb", Packages = ["git", "python3"] };

    public async Task<string> AskAsync(CellContext ctx)
    {
        foreach (var question in (string[])["one?", "two?"]) await ctx.LlmAsync(question);
        return (await ctx.LlmAsync("three?")).Text;
    }
}
