using System.Text.Json.Nodes;
using OnCell.Agents;

namespace OnCell.Tools;

/// <summary>The tools as methods that every agent has beside its own.</summary>
internal static class CellToolMethods
{
    /// <summary>No method of an agent has a dot in its name, so neither can be taken for the other.</summary>
    public const string Prefix = "tool.";

    private const int MaxTimeoutSeconds = 1800;
    private const int MaxHits = 100;

    /// <summary>The customer's setting that says how the project's tests are run.</summary>
    private const string TestCommand = "testCommand";

    private static readonly Dictionary<string, AgentMethod> Methods = new AgentMethod[]
    {
        Method("shell", [Text("command"), Number("timeoutSeconds")],
            i => (i.Get<string>(0), i.Get(1, 120)), i => ShellAsync(i.Context, i.Get<string>(0), i.Get(1, 120))),
        Method("readFile", [Text("path")], i => i.Get<string>(0), i => ReadAsync(i.Context, i.Get<string>(0))),
        Method("writeFile", [Text("path"), Text("text")], i => (i.Get<string>(0), i.Get<string>(1)),
            i => AgentResult.Of(i.Context.Files.WriteAsync(i.Get<string>(0), i.Get<string>(1)))),
        Method("listFiles", [new AgentParameter("path", "string", Optional: true, AllowsNull: false)], i => i.Get(0, "."),
            i => AgentResult.Of(i.Context.Files.ListAsync(i.Get(0, ".")))),
        Method("runTests", [Number("timeoutSeconds")], i => i.Get(0, MaxTimeoutSeconds), i => TestAsync(i.Context, i.Get(0, MaxTimeoutSeconds))),
        Method("search", [Text("query"), Number("topK")], i => (i.Get<string>(0), i.Get(1, 10)),
            i => SearchAsync(i.Context, i.Get<string>(0), i.Get(1, 10))),
    }.ToDictionary(m => m.Name, StringComparer.Ordinal);

    public static IReadOnlyCollection<string> Names { get; } = [.. Methods.Keys.Select(n => n[Prefix.Length..])];

    public static AgentMethod? Find(string name) => Methods.GetValueOrDefault(name);

    private static AgentMethod Method<T>(
        string name, IReadOnlyList<AgentParameter> parameters, Func<AgentInput, T> read, Func<AgentInput, Task<JsonNode?>> invoke) =>
        new(Prefix + name, parameters, input => read(input), (_, input) => invoke(input));

    private static AgentParameter Text(string name) => new(name, "string", Optional: false, AllowsNull: false);

    private static AgentParameter Number(string name) => new(name, "int", Optional: true, AllowsNull: false);

    private static async Task<JsonNode?> ShellAsync(CellContext ctx, string command, int seconds)
    {
        if (seconds is < 1 or > MaxTimeoutSeconds)
            throw new OnCellException(OnCellError.Invalid, $"\"timeoutSeconds\" is 1 to {MaxTimeoutSeconds}.") { Field = "timeoutSeconds" };
        return AgentInput.ToJson(await ctx.ShellAsync(command, new ShellOptions { Timeout = TimeSpan.FromSeconds(seconds), MaxOutputBytes = 64 * 1024 }));
    }

    private static Task<JsonNode?> TestAsync(CellContext ctx, int seconds) => ctx.Config.TryGetValue(TestCommand, out var command)
        ? ShellAsync(ctx, command, seconds)
        : throw new OnCellException(OnCellError.Conflict, $"This customer has no setting \"{TestCommand}\", which says how the project's tests are run.");

    private static async Task<JsonNode?> ReadAsync(CellContext ctx, string path) =>
        AgentInput.ToJson(await ctx.Files.ReadTextAsync(path).ConfigureAwait(false)
            ?? throw new OnCellException(OnCellError.NotFound, $"The cell has no file \"{path}\".") { Field = "path" });

    private static async Task<JsonNode?> SearchAsync(CellContext ctx, string query, int topK)
    {
        if (topK is < 1 or > MaxHits) throw new OnCellException(OnCellError.Invalid, $"\"topK\" is 1 to {MaxHits}.") { Field = "topK" };
        await ctx.IndexAsync().ConfigureAwait(false);
        return AgentInput.ToJson(await ctx.SearchAsync(query, topK).ConfigureAwait(false));
    }
}
