using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>Serves an HTTP/1 client: one tunnel (CONNECT), or plain requests one after another.</summary>
internal sealed class HttpSession(EgressConnection connection) : IDisposable
{
    private HttpUpstream? _upstream;
    private bool _answering;

    public async Task RunAsync()
    {
        try
        {
            while (await ServeOneAsync().ConfigureAwait(false))
            {
                // The next request has the idle time to begin, and from its first byte on the head's time to end.
                if (connection.Input.IsEmpty && !await connection.Input.FillAsync(connection.Token).ConfigureAwait(false))
                    return;
                connection.ExpectHead();
            }
        }
        catch (ProtocolException malformed) when (!_answering)
        {
            connection.Fail(malformed.Message);
            await RefuseAsync(malformed.Status, malformed.Message).ConfigureAwait(false);
        }
    }

    public void Dispose() => _upstream?.Dispose();

    private async Task<bool> ServeOneAsync()
    {
        _answering = false;
        if (await HttpHead.ReceiveAsync(connection.Input, connection.Options.MaxHeaderBytes, connection.Token).ConfigureAwait(false) is not { } head)
            return false;
        var request = HttpRequestHead.Parse(head);
        if (!request.IsConnect)
            return await ForwardAsync(request).ConfigureAwait(false);
        await TunnelAsync(request.Target).ConfigureAwait(false);
        return false;
    }

    private async Task TunnelAsync(EgressTarget target)
    {
        var opened = await connection.OpenAsync(new EgressRequest(target)).ConfigureAwait(false);
        if (opened.Socket is not { } upstream)
        {
            await RefuseAsync(opened).ConfigureAwait(false);
            return;
        }

        using (upstream)
        {
            _answering = true;
            await connection.Client.SendAllAsync(HttpMessage.ConnectionEstablished, connection.Token).ConfigureAwait(false);
            await Tunnel.RunAsync(connection, upstream).ConfigureAwait(false);
        }
    }

    private async Task<bool> ForwardAsync(HttpRequestHead request)
    {
        var asked = new EgressRequest(request.Target, request.Method, request.Path);
        if (_upstream is { } kept && kept.Serves(request.Target))
        {
            if (connection.Reopen(asked, kept.Address) is { } denial)
            {
                await RefuseAsync(403, denial).ConfigureAwait(false);
                return false;
            }
        }
        else
        {
            _upstream?.Dispose();
            _upstream = null;
            var opened = await connection.OpenAsync(asked).ConfigureAwait(false);
            if (opened.Socket is null)
            {
                await RefuseAsync(opened).ConfigureAwait(false);
                return false;
            }

            _upstream = new HttpUpstream(opened.Socket, request.Target, opened.Address!, connection.Options.MaxHeaderBytes);
        }

        var again = await ExchangeAsync(request, _upstream).ConfigureAwait(false);
        connection.Exchange.Close();
        return again;
    }

    /// <summary>Sends the request and its body while the answer may come already.</summary>
    /// <returns>Whether the client's connection can carry another request.</returns>
    private async Task<bool> ExchangeAsync(HttpRequestHead request, HttpUpstream upstream)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(connection.Token);
        var upload = UploadAsync(request, upstream, stop);
        try
        {
            var again = await AnswerAsync(request, upstream, upload, stop.Token).ConfigureAwait(false);
            // An answer that came before the whole body was read leaves both connections in the middle of it.
            return again && upload is { IsCompletedSuccessfully: true, Result: true };
        }
        catch (OperationCanceledException) when (upload.IsFaulted)
        {
            await upload.ConfigureAwait(false);
            throw;
        }
        catch (SocketException error) when (!_answering)
        {
            throw new ProtocolException($"the upstream closed the connection ({error.SocketErrorCode})", status: 502);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)upload).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether the whole request was sent; <see langword="false"/> where the upstream stopped reading.</returns>
    private async Task<bool> UploadAsync(HttpRequestHead request, HttpUpstream upstream, CancellationTokenSource stop)
    {
        try
        {
            var head = HttpMessage.ToUpstream(request);
            await upstream.Socket.SendAllAsync(head, stop.Token).ConfigureAwait(false);
            connection.Exchange.CountOut(head.Length);
            var chunked = request.Framing.Kind == HttpBodyKind.Chunked;
            var body = new HttpBody(connection.Input, upstream.Socket, chunked, connection.Exchange.CountOut, stop.Token);
            await body.CopyAsync(request.Framing).ConfigureAwait(false);
            return true;
        }
        catch (SocketException)
        {
            return false; // Its answer may have come before; reading it will tell.
        }
        catch (ProtocolException)
        {
            await stop.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<bool> AnswerAsync(
        HttpRequestHead request, HttpUpstream upstream, Task<bool> upload, CancellationToken cancellationToken)
    {
        var (response, framing) = await ReceiveAnswerAsync(request, upstream, cancellationToken).ConfigureAwait(false);
        var chunked = request.IsHttp11 && framing.Kind is HttpBodyKind.Chunked or HttpBodyKind.UntilClose;
        var again = request.KeepAlive && upload.IsCompleted;
        _answering = true;
        var head = HttpMessage.ToClient(response, chunked, close: !again);
        await connection.Client.SendAllAsync(head, cancellationToken).ConfigureAwait(false);
        connection.Exchange.CountIn(head.Length);
        var body = new HttpBody(upstream.Input, connection.Client, chunked, connection.Exchange.CountIn, cancellationToken);
        await body.CopyAsync(framing).ConfigureAwait(false);
        if (!response.KeepAlive || framing.Kind == HttpBodyKind.UntilClose)
        {
            upstream.Dispose();
            _upstream = null;
        }

        return again;
    }

    private async Task<(HttpResponseHead Head, HttpFraming Framing)> ReceiveAnswerAsync(
        HttpRequestHead request, HttpUpstream upstream, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var head = await HttpHead.ReceiveAsync(upstream.Input, connection.Options.MaxHeaderBytes, cancellationToken).ConfigureAwait(false)
                    ?? throw new ProtocolException("the connection was closed");
                var response = HttpResponseHead.Parse(head);
                if (!response.IsInterim)
                    return (response, HttpFraming.OfResponse(head, response.IsHttp11, response.Status, request.Method));
                if (request.IsHttp11)
                    await connection.Client.SendAllAsync(HttpMessage.ToClient(response, chunked: false, close: false), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ProtocolException malformed)
        {
            throw new ProtocolException($"{request.Target} gave no proper answer: {malformed.Message}", status: 502);
        }
    }

    private ValueTask RefuseAsync(ConnectResult failed) => RefuseAsync(
        failed.Outcome switch
        {
            ConnectOutcome.Denied => 403,
            ConnectOutcome.TimedOut => 504,
            _ => 502,
        },
        failed.Reason);

    private ValueTask RefuseAsync(int status, string reason) => connection.SendLastAsync(HttpMessage.Own(status, reason));
}
