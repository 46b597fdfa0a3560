using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Client;

// A customer, a run to its end by its stream, a page of runs: answers and events are read without reflection.
await using var services = new ServiceCollection()
    .AddOnCellClient(o => (o.Address, o.ApiKey) = (new Uri(args[0]), "oc_key")).Services.BuildServiceProvider();
var client = services.GetRequiredService<OnCellClient>();
Console.WriteLine((await client.Customers.GetAsync("acme")).State);
await foreach (var e in client.Agents.StreamAsync("acme", "task", new JsonObject { ["prompt"] = "x" })) Console.WriteLine(e.Type);
foreach (var run in await client.Runs.ListAsync("acme")) Console.WriteLine(run.RunId);
