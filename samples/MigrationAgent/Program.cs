using CodingSample;
using CodingSample.Models;
using MigrationSample;

var builder = WebApplication.CreateBuilder(args);
var model = ModelChoice.From(builder.Configuration);
builder.Services.Configure<CodingAgentOptions>(builder.Configuration.GetSection("CodingAgent"));
builder.Services.AddOnCell(builder.Configuration.GetSection("OnCell"))
    .AddAgent<MigrationAgent>()
    .AddLoopbackAccess()
    .AddModel(model.Name, _ => model.Create());
var app = builder.Build();
app.MapOnCell("/v1");
app.Run();
