using System.ComponentModel;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using OnCell.AspNetCore.Authorization;

namespace OnCell.AspNetCore.Mcp;

/// <summary>A cell's tools as the Model Context Protocol offers them. The cell is that of the customer in the request's path.</summary>
[McpServerToolType]
internal sealed class McpTools(ICellTools tools, IAuditLog audit, IHttpContextAccessor accessor)
{
    [McpServerTool(Name = "shell", Title = "Run a command"), Description("Runs a command line by sh in the cell's /work. Returns stdout, stderr and the exit code; a failing command is a result.")]
    public Task<string> ShellAsync(
        [Description("The command line.")] string command,
        [Description("After how many seconds it is killed, 1 to 1800.")] int timeoutSeconds = 120,
        CancellationToken cancellationToken = default) =>
        CallAsync("shell", new JsonObject { ["command"] = command, ["timeoutSeconds"] = timeoutSeconds }, cancellationToken);

    [McpServerTool(Name = "read_file", Title = "Read a file", ReadOnly = true), Description("Reads a text file of the cell, of at most 8 MiB.")]
    public Task<string> ReadFileAsync(
        [Description("Absolute, or relative to /work.")] string path, CancellationToken cancellationToken = default) =>
        CallAsync("readFile", new JsonObject { ["path"] = path }, cancellationToken);

    [McpServerTool(Name = "write_file", Title = "Write a file"), Description("Replaces or creates a text file in the cell, and missing folders above it.")]
    public Task<string> WriteFileAsync(
        [Description("Absolute, or relative to /work.")] string path, [Description("The whole text.")] string text,
        CancellationToken cancellationToken = default) =>
        CallAsync("writeFile", new JsonObject { ["path"] = path, ["text"] = text }, cancellationToken);

    [McpServerTool(Name = "list_files", Title = "List a folder", ReadOnly = true), Description("Lists a folder of the cell.")]
    public Task<string> ListFilesAsync(
        [Description("Absolute, or relative to /work.")] string path = ".", CancellationToken cancellationToken = default) =>
        CallAsync("listFiles", new JsonObject { ["path"] = path }, cancellationToken);

    [McpServerTool(Name = "search", Title = "Search the code", ReadOnly = true), Description("Searches the code in /work by words or identifiers; brings the index up to date first.")]
    public Task<string> SearchAsync(
        [Description("Plain language or identifiers.")] string query, [Description("How many hits, 1 to 100.")] int topK = 10,
        CancellationToken cancellationToken = default) =>
        CallAsync("search", new JsonObject { ["query"] = query, ["topK"] = topK }, cancellationToken);

    [McpServerTool(Name = "run_tests", Title = "Run the tests"), Description("Runs the project's own tests, by the command in the customer's setting testCommand. Returns stdout, stderr and the exit code; failing tests are a result.")]
    public Task<string> RunTestsAsync(
        [Description("After how many seconds they are killed, 1 to 1800.")] int timeoutSeconds = 1800, CancellationToken cancellationToken = default) =>
        CallAsync("runTests", new JsonObject { ["timeoutSeconds"] = timeoutSeconds }, cancellationToken);

    private async Task<string> CallAsync(string tool, JsonObject input, CancellationToken cancellationToken)
    {
        var context = accessor.HttpContext ?? throw new InvalidOperationException("A tool is called within a request only.");
        var customer = (string)context.Request.RouteValues[CustomerFilter.Customer]!;
        var outcome = "failed";
        try
        {
            var result = await tools.CallAsync(customer, tool, input, cancellationToken);
            outcome = "completed";
            return result is JsonValue value && value.TryGetValue<string>(out var text) ? text : result?.ToJsonString(OnCellJson.Options) ?? "done";
        }
        catch (OnCellException e)
        {
            // The model is told what is wrong, so that it can do better.
            throw new McpException(e.Message, e);
        }
        finally
        {
            await audit.AddAsync(ApiAccess.Of(context).Actor, $"mcp.{tool}", customer, outcome, CancellationToken.None);
        }
    }
}
