using OnCell;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddOnCell(builder.Configuration.GetSection("OnCell")).AddAgent<HelloAgent>().AddLoopbackAccess();
var app = builder.Build();
app.MapOnCell("/v1");
app.Run();

/// <summary>Greets from inside a customer's cell: POST /v1/agents/greet {"customer":"acme","input":{"name":"Ada"}}.</summary>
public sealed class HelloAgent : Agent
{
    public override CellSpec Cell => new() { Compute = "1cpu-1gb", Storage = "1gb", Packages = ["git", "python3"] };

    public async Task<string> GreetAsync(CellContext ctx, string name)
    {
        var count = await ctx.Memory.GetAsync<int>("greetings") + 1;
        await ctx.Memory.SetAsync("greetings", count);
        var hello = await ctx.ShellAsync($"python3 -c 'import sys, platform; print(\"Hello\", sys.argv[1], \"from\", platform.release())' {name}");
        return $"{hello.Stdout.Trim()} (greeting {count})";
    }
}
