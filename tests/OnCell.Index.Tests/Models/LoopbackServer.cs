using System.Collections.Concurrent;
using System.Net;

namespace OnCell.Index.Tests.Models;

/// <summary>An HTTP server on the loopback interface that serves files from memory, with ranges and tags, and can misbehave.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public LoopbackServer()
    {
        // HttpListener cannot choose a free port; another process may take one between two calls.
        for (var attempt = 0; ; attempt++)
        {
            Address = $"http://127.0.0.1:{Random.Shared.Next(20_000, 60_000)}/";
            _listener.Prefixes.Clear();
            _listener.Prefixes.Add(Address);
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 100)
            {
                _listener.Close();
                _listener = new HttpListener();
            }
        }

        _ = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Gets the requests so far, as <c>path range</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Gets or sets after how many bytes of an answer the connection is cut, -1 for never; one answer only.</summary>
    public int CutAfter { get; set; } = -1;

    /// <summary>Gets or sets whether the next answer stops in the middle and stays open.</summary>
    public bool Stalls { get; set; }

    public void Serve(string path, byte[] content) => _files[path] = content;

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return; // closed
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        var range = context.Request.Headers["Range"];
        Requests.Enqueue($"{path} {range}".TrimEnd());
        var response = context.Response;
        try
        {
            if (!_files.TryGetValue(path, out var content))
            {
                response.StatusCode = 404;
                response.Close();
                return;
            }

            var tag = $"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))[..8]}\"";
            response.AddHeader("ETag", tag);
            var from = 0;
            if (range is not null && context.Request.Headers["If-Range"] is var condition && (condition is null || condition == tag))
            {
                from = int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
                response.StatusCode = from < content.Length ? 206 : 416;
                response.AddHeader("Content-Range", from < content.Length ? $"bytes {from}-{content.Length - 1}/{content.Length}" : $"bytes */{content.Length}");
            }

            var body = content.AsMemory(Math.Min(from, content.Length));
            response.ContentLength64 = body.Length;
            if (CutAfter >= 0 || Stalls)
            {
                var (cut, stalls) = (CutAfter, Stalls);
                (CutAfter, Stalls) = (-1, false);
                await response.OutputStream.WriteAsync(body[..(stalls ? body.Length / 2 : cut)]);
                await response.OutputStream.FlushAsync();
                if (stalls) return; // never closed: the client has to give up
                await Task.Delay(50); // let the bytes out before the reset
                response.Abort();
                return;
            }

            await response.OutputStream.WriteAsync(body);
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
        {
            // The client went away.
        }
    }
}
