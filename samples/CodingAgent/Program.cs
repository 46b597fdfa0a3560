using CodingSample;
using CodingSample.Models;

var builder = WebApplication.CreateBuilder(args);
var model = ModelChoice.From(builder.Configuration);
var ledger = builder.Configuration["CodingAgent:Ledger"];

builder.Services.Configure<CodingAgentOptions>(builder.Configuration.GetSection("CodingAgent"));
builder.Services.AddOnCell(builder.Configuration.GetSection("OnCell"))
    .AddAgent<CodingAgent>()
    .AddLoopbackAccess()
    .AddModel(model.Name, services => ledger is null
        ? model.Create()
        : new LedgerChatClient(model.Create(), new CallLedger(ledger), services.GetRequiredService<TimeProvider>()));

var app = builder.Build();
app.MapOnCell("/v1");
app.MapGet("/model", () => new { model.Name, model.Live, model.Description });
app.Run();
