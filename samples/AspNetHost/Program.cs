using System.Text.Json.Serialization;
using CodingSample;
using CodingSample.Models;
using MigrationSample;
using OnCell;
using ReviewSample;
using SecuritySample;

// Several agents behind one API: a customer names its agent when it is created, {"id":"acme","agent":"ReviewAgent", …}.
var builder = WebApplication.CreateBuilder(args);
var model = ModelChoice.From(builder.Configuration);
builder.Services.Configure<CodingAgentOptions>(builder.Configuration.GetSection("CodingAgent"));
builder.Services.Configure<SecurityAgentOptions>(builder.Configuration.GetSection("SecurityAgent"));
builder.Services.AddOnCell(builder.Configuration.GetSection("OnCell"))
    .AddAgent<CodingAgent>()
    .AddAgent<ReviewAgent>()
    .AddAgent<MigrationAgent>()
    .AddAgent<SecurityAgent>()
    .AddLoopbackAccess()
    .AddModel(model.Name, _ => model.Create())
    .AddLocalModel("local", m =>
    {
        m.Weights = builder.Configuration["SecurityAgent:Weights"] ?? new SecurityAgentOptions().Weights;
        builder.Configuration.GetSection("SecurityAgent:LocalModel").Bind(m); // threads, memory, window: LocalModelOptions
    });
builder.Services.AddHealthChecks().AddOnCell();

var app = builder.Build();
app.MapHealthChecks("/health");
app.MapOnCell("/v1");
app.MapOnCellDashboard("/oncell");

// The application's own route beside it, by a typed caller: a git host's webhook. Its delivery id makes a repeated call harmless.
app.MapPost("/hooks/pull-request", async (PullRequestEvent pushed, HttpRequest request, IAgents agents, CancellationToken ct) =>
{
    var run = await agents.For<ReviewAgent>(pushed.Customer, request.Headers["X-Delivery"].FirstOrDefault()).StartReviewAsync(pushed.Number, ct);
    return Results.Accepted($"/v1/runs/{run.Customer}/{run.Id}", new { run.Id });
}).RequireHost("localhost", "127.0.0.1").WithOnCellProblems();
app.Run();

/// <summary>What the git host says.</summary>
internal sealed record PullRequestEvent([property: JsonRequired] string Customer, [property: JsonRequired] int Number);
