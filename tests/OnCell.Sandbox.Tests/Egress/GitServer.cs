using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>Serves the repositories under a folder over smart HTTP, by git's own <c>http-backend</c> as CGI.</summary>
internal sealed class GitServer(string root, string? credential)
{
    public List<string> Requests { get; } = [];

    /// <summary>Serves one connection.</summary>
    public async Task ServeAsync(Stream stream)
    {
        while (await LoopbackServer.ReadHeadAsync(stream) is { Length: > 0 } head)
        {
            var fields = head.Split("\r\n").Skip(1).Select(line => line.Split(": ", 2)).Where(field => field.Length == 2)
                .ToDictionary(field => field[0], field => field[1], StringComparer.OrdinalIgnoreCase);
            var body = await ReadBodyAsync(stream, fields);
            var line = head[..head.IndexOf("\r\n", StringComparison.Ordinal)];
            lock (Requests)
                Requests.Add(line);
            var allowed = credential is null
                || fields.GetValueOrDefault("Authorization") == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credential));
            await stream.WriteAsync(allowed
                ? await RunAsync(line.Split(' '), fields, body)
                : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        }
    }

    private static async Task<byte[]> ReadBodyAsync(Stream stream, Dictionary<string, string> fields)
    {
        if (fields.TryGetValue("Content-Length", out var length))
        {
            var body = new byte[int.Parse(length, CultureInfo.InvariantCulture)];
            await stream.ReadExactlyAsync(body);
            return body;
        }

        using var all = new MemoryStream();
        while (fields.ContainsKey("Transfer-Encoding"))
        {
            var size = int.Parse(await ReadLineAsync(stream), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var chunk = new byte[size];
            await stream.ReadExactlyAsync(chunk);
            all.Write(chunk);
            await ReadLineAsync(stream);
            if (size == 0)
                break;
        }

        return all.ToArray();
    }

    private static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            line.Append((char)one[0]);
        }

        return line.ToString().Trim();
    }

    private async Task<byte[]> RunAsync(string[] line, Dictionary<string, string> fields, byte[] body)
    {
        var uri = line[1].Split('?', 2);
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["GIT_PROJECT_ROOT"] = root;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["GIT_CONFIG_COUNT"] = "1";
        start.Environment["GIT_CONFIG_KEY_0"] = "safe.directory";
        start.Environment["GIT_CONFIG_VALUE_0"] = "*";
        start.Environment["REMOTE_USER"] = "test";
        start.Environment["REQUEST_METHOD"] = line[0];
        start.Environment["PATH_INFO"] = uri[0];
        start.Environment["QUERY_STRING"] = uri.Length > 1 ? uri[1] : "";
        start.Environment["CONTENT_TYPE"] = fields.GetValueOrDefault("Content-Type", "");
        start.Environment["CONTENT_LENGTH"] = body.Length.ToString(CultureInfo.InvariantCulture);
        start.Environment["HTTP_CONTENT_ENCODING"] = fields.GetValueOrDefault("Content-Encoding", "");
        start.Environment["HTTP_GIT_PROTOCOL"] = fields.GetValueOrDefault("Git-Protocol", "");
        using var process = Process.Start(start)!;
        var writing = Task.Run(async () =>
        {
            await process.StandardInput.BaseStream.WriteAsync(body);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await writing;
        var answer = output.ToArray();
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        var head = Encoding.ASCII.GetString(answer, 0, end).Split("\r\n").ToList();
        var status = head.FirstOrDefault(field => field.StartsWith("Status: ", StringComparison.Ordinal))?["Status: ".Length..] ?? "200 OK";
        head.RemoveAll(field => field.StartsWith("Status: ", StringComparison.Ordinal));
        var text = $"HTTP/1.1 {status}\r\n{string.Join("\r\n", head)}\r\nContent-Length: {answer.Length - end - 4}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(text), .. answer.AsSpan(end + 4)];
    }
}
