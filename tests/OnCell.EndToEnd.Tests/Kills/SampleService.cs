using System.Text.Json;
using OnCell.Demo;
using OnCell.Demo.Checks;
using OnCell.Demo.Service;

namespace OnCell.EndToEnd.Tests.Kills;

/// <summary>A sample agent's own program as a process that is struck down and started again, with one customer.</summary>
internal sealed class SampleService : IAsyncDisposable
{
    public const string Customer = "acme";

    private readonly string _folder;
    private readonly ServiceHost _host;
    private bool _closed;

    /// <param name="folder">Where its data and its log go.</param>
    /// <param name="options">How it is started otherwise.</param>
    public SampleService(string folder, ServiceOptions options)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _host = new(options with { DataRoot = Path.Combine(folder, "data"), Log = Path.Combine(folder, "service.log") });
    }

    public int Kills => _host.Kills;

    public ServiceClient Api => _host.Api;

    public Uri Address => _host.Address;

    public string Log => File.ReadAllText(Path.Combine(_folder, "service.log"));

    public string Cells => Path.Combine(_folder, "data", "cells");

    public async Task StartAsync(object customer, CancellationToken cancellationToken)
    {
        await _host.StartAsync(cancellationToken);
        await foreach (var e in Api.CreateCustomerAsync(customer, cancellationToken))
        {
            if (e.Type == "customer.failed") Assert.Fail($"The customer could not be created: {e.Data}");
        }
    }

    /// <summary>Runs a method to its end, through the blows, all of which must fall.</summary>
    /// <returns>The run, its result as JSON, and the model calls that the journal has of it.</returns>
    public async Task<(string Run, string Result, IReadOnlyList<RunStep> ModelCalls)> RunAsync(
        string method, object input, CancellationToken cancellationToken, params Blows.At[] moments)
    {
        var blows = new Blows(moments);
        var (run, end) = await new RunDriver(_host, Customer, blows, _ => { }).RunAsync(method, input, cancellationToken);
        Assert.True(end.Type == "run.completed", $"{end.Type}: {end.Data}\n{Log}");
        Assert.Equal(0, blows.Left);
        await Api.ResumeCustomerAsync(Customer, cancellationToken); // its volume is on the host only while the cell runs
        Assert.Empty(ExecLog.RunTwice(_host.ReadExecLog(Customer)));
        var calls = (await Api.GetStepsAsync(Customer, run, cancellationToken)).Where(step => step.Kind == "llm").ToList();
        return (run, end.Data.GetProperty("result").GetRawText(), calls);
    }

    /// <summary>Deletes the customer, ends the service, and lists what is left of it on the host.</summary>
    public async Task<IReadOnlyList<string>> CloseAsync(CancellationToken cancellationToken)
    {
        _host.Traces.Observe();
        await Api.DeleteCustomerAsync(Customer, cancellationToken);
        await _host.StopAsync();
        _closed = true;
        return [.. _host.Traces.Find(), .. Directory.GetFileSystemEntries(Cells)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed) return;
        try
        {
            await _host.EnsureStartedAsync(default);
            foreach (var left in await Api.ListCustomersAsync(default)) await Api.DeleteCustomerAsync(left, default);
        }
        finally
        {
            await _host.DisposeAsync();
        }
    }

    /// <summary>A result without what differs between two runs that do the same.</summary>
    public static string Without(string result, string property)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(result)!.AsObject();
        Assert.True(node.Remove(property), result);
        return node.ToJsonString(JsonSerializerOptions.Web);
    }
}
