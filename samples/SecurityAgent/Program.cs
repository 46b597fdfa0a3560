using SecuritySample;

// Nothing of a customer's code leaves this machine: air-gapped cells, and a model in a sandbox of its own.
var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration.GetSection("SecurityAgent");
builder.Services.Configure<SecurityAgentOptions>(settings);
builder.Services.AddOnCell(builder.Configuration.GetSection("OnCell"))
    .AddAgent<SecurityAgent>()
    .AddLoopbackAccess()
    .AddLocalModel("local", m =>
    {
        m.Weights = settings["Weights"] ?? new SecurityAgentOptions().Weights;
        settings.GetSection("LocalModel").Bind(m); // threads, memory, window: LocalModelOptions
    });
var app = builder.Build();
app.MapOnCell("/v1");
app.Run();
