using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace OnCell.Demo.GitHost;

/// <summary>Runs <c>git http-backend</c> as a CGI program, one process a request.</summary>
/// <see href="https://git-scm.com/docs/git-http-backend"/>
internal sealed class HttpBackend(string root, string execPath)
{
    public async Task HandleAsync(HttpContext context, string user)
    {
        using var process = Process.Start(Describe(context.Request, user))!;
        try
        {
            var feed = FeedAsync(context, process);
            await AnswerAsync(context, process.StandardOutput.BaseStream);
            await feed;
            await process.WaitForExitAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client went away, as one in a killed cell does; git drops what it had received so far.
            context.Abort();
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private ProcessStartInfo Describe(HttpRequest request, string user)
    {
        var start = new ProcessStartInfo(Path.Combine(execPath, "git-http-backend"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var environment = start.Environment;
        environment["GIT_PROJECT_ROOT"] = root;
        environment["GIT_HTTP_EXPORT_ALL"] = "1";
        environment["GIT_CONFIG_COUNT"] = "1";
        environment["GIT_CONFIG_KEY_0"] = "safe.directory";
        environment["GIT_CONFIG_VALUE_0"] = "*";
        environment["REQUEST_METHOD"] = request.Method;
        environment["PATH_INFO"] = request.Path.Value;
        environment["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?') ?? "";
        environment["CONTENT_TYPE"] = request.ContentType ?? "";
        environment["REMOTE_USER"] = user;
        environment["REMOTE_ADDR"] = "127.0.0.1";
        if (request.ContentLength is { } length)
            environment["CONTENT_LENGTH"] = length.ToString(CultureInfo.InvariantCulture);
        if (request.Headers.ContentEncoding is [{ } encoding])
            environment["HTTP_CONTENT_ENCODING"] = encoding;
        if (request.Headers["Git-Protocol"] is [{ } protocol])
            environment["GIT_PROTOCOL"] = protocol;
        return start;
    }

    private static async Task FeedAsync(HttpContext context, Process process)
    {
        await using var input = process.StandardInput.BaseStream;
        try
        {
            await context.Request.Body.CopyToAsync(input, context.RequestAborted);
        }
        catch (IOException) when (process.HasExited)
        {
            // git answered without reading all of the request, as it does when it refuses one.
        }
    }

    private static async Task AnswerAsync(HttpContext context, Stream output)
    {
        var reader = new CgiReader(output);
        while (await reader.ReadLineAsync(context.RequestAborted) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim());
            if (name.Equals("Status", StringComparison.OrdinalIgnoreCase))
                context.Response.StatusCode = int.Parse(value.AsSpan(0, 3), CultureInfo.InvariantCulture);
            else
                context.Response.Headers[name] = value;
        }

        await reader.CopyRestAsync(context.Response.Body, context.RequestAborted);
    }
}
