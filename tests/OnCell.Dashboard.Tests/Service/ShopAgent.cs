using Microsoft.Extensions.AI;
using OnCell.Journaling;

namespace OnCell.Dashboard.Tests;

/// <summary>An agent whose runs show each thing that the dashboard must show, and whose repository is hostile.</summary>
public sealed class ShopAgent : Agent
{
    /// <summary>What is tried in every place that a cell's content can reach.</summary>
    public static readonly string Attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

    /// <summary>What the network tab must show as allowed once the rule was added.</summary>
    public static IReadOnlyList<string> Allow { get; set; } = [];

    public override CellSpec Cell => new()
    {
        Compute = "1cpu-1gb",
        Storage = "300mb",
        Packages = ["git", "python3"],
        Network = new CellNetwork { Allow = Allow },
    };

    public override async Task SetupAsync(CellContext ctx)
    {
        await ctx.ShellAsync("""
            git init -q -b main /work && cd /work && git config user.email shop@example.com && git config user.name Shop
            mkdir -p src && printf 'export const theme = "light";\n' > src/theme.js && printf '# Shop\n\nA small shop.\n' > README.md
            git add -A && git commit -qm 'The shop'
            """).EnsureSuccess();
    }

    /// <summary>A piece of work with output, a model's answer and a change.</summary>
    public async Task<string> TaskAsync(CellContext ctx, string instruction)
    {
        await ctx.ShellAsync("git status --short");
        var plan = await ctx.LlmAsync($"plan: {instruction}");
        await ctx.ShellAsync("""printf 'export const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";\n' > src/theme.js""").EnsureSuccess();
        await ctx.ShellAsync("for i in 1 2 3 4 5; do echo \"ok $i - theme follows the system\"; done").EnsureSuccess();
        return plan.Text;
    }

    /// <summary>Waits for a person.</summary>
    public async Task<string> ReleaseAsync(CellContext ctx)
    {
        await ctx.ShellAsync("echo built").EnsureSuccess();
        var approval = await ctx.WaitForSignalAsync<bool>("release to production");
        return approval.Payload ? "released" : "held back";
    }

    /// <summary>Runs on while somebody looks.</summary>
    public async Task<string> WatchAsync(CellContext ctx, int lines) =>
        (await ctx.ShellAsync($"i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo line $i; sleep 0.2; done", new ShellOptions { Effect = StepEffect.Reattach })).Stdout;

    /// <summary>A step that ends, then one that goes on while the service is away.</summary>
    public async Task<string> TwiceAsync(CellContext ctx, int lines)
    {
        await ctx.ShellAsync("echo first").EnsureSuccess();
        return await WatchAsync(ctx, lines);
    }

    /// <summary>Asks the network for something.</summary>
    public async Task<string> FetchAsync(CellContext ctx, string url) =>
        (await ctx.ShellAsync($"python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=20).status)' {url} 2>&1; true")).Stdout;

    /// <summary>Puts the attack into file names, contents, the branch, output, a result and an error.</summary>
    public async Task<string> AttackAsync(CellContext ctx)
    {
        await ctx.Files.WriteAsync("attack.html", Attack);
        await ctx.Files.WriteAsync("<img src=x onerror=alert(1)>.txt", Attack);
        await ctx.ShellAsync($"git checkout -qb 'x<b>bold' && echo {Attack} >> README.md").EnsureSuccess();
        await ctx.ShellAsync($"printf '%s\\n\\033]0;%s\\007\\033[31mred\\033[0m' {Attack} {Attack}").EnsureSuccess();
        return Attack;
    }

    /// <summary>Fails with the attack as its reason.</summary>
    public Task<string> FailAsync(CellContext ctx) => throw new InvalidOperationException(Attack);
}

/// <summary>A model that answers with the prompt in capitals.</summary>
public sealed class UpperCaseModel : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, messages.Last().Text.ToUpperInvariant()))
        {
            ModelId = "upper-1",
            Usage = new UsageDetails { InputTokenCount = 812, OutputTokenCount = 431, TotalTokenCount = 1243 },
        });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates()) yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
