using System.Net;
using System.Net.Sockets;

namespace OnCell.Sandboxes.Egress;

/// <summary>One connection from the sandbox: its socket, its deadline, and what is open for it.</summary>
internal sealed class EgressConnection : IDisposable
{
    private static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(2);
    private const string HeadTooSlow = "the request was not complete in time";
    private const int MaxLingerBytes = 256 * 1024;

    private readonly EgressProxy _proxy;
    private readonly CancellationTokenSource _end = new(); // Never disposed: the sweeper may still cancel it, and it holds no timer.
    private EgressExchange? _exchange;
    private string? _endReason;
    private string _deadlineReason = "";
    private long _deadline = long.MaxValue;

    public EgressConnection(EgressProxy proxy, Socket client)
    {
        _proxy = proxy;
        Client = client;
        Input = new SocketBuffer(client, Math.Max(proxy.Options.MaxHeaderBytes, ClientHello.MaxBytes));
        Token = _end.Token;
        ExpectHead();
    }

    public Socket Client { get; }

    public SocketBuffer Input { get; }

    public EgressOptions Options => _proxy.Options;

    /// <summary>Gets the token that ends with the connection: disposal, time-out, or a policy that forbids it.</summary>
    public CancellationToken Token { get; }

    public async Task RunAsync()
    {
        string? problem = null;
        try
        {
            if (await Input.FillAsync(Token).ConfigureAwait(false))
                await ServeAsync(Input.Span[0]).ConfigureAwait(false);
        }
        catch (ProtocolException malformed)
        {
            Fail(malformed.Message);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested)
        {
            problem = _endReason;
            if (problem == HeadTooSlow)
                Fail(problem);
        }
        catch (SocketException error)
        {
            problem = $"connection lost: {error.SocketErrorCode}";
        }
        finally
        {
            _exchange?.Close(problem);
        }
    }

    /// <summary>Reports that the client, or its upstream, broke off or broke its protocol.</summary>
    public void Fail(string problem)
    {
        if (_exchange is { IsOpen: true } open)
            open.Close(problem);
        else
            Report(null, allowed: false, rule: null, $"denied: {problem}");
    }

    /// <summary>Judges a request and connects to where it wants to go.</summary>
    public async ValueTask<ConnectResult> OpenAsync(EgressRequest request)
    {
        var policy = _proxy.Policy;
        var verdict = policy.Judge(request);
        if (verdict.Rule is null)
        {
            Report(request.Target, allowed: false, rule: null, verdict.Reason);
            return new ConnectResult(ConnectOutcome.Denied, verdict.Reason!);
        }

        SuspendDeadline(); // Connecting has a time-out of its own.
        var result = await _proxy.Connector.ConnectAsync(policy, request.Target, verdict.Rule, Token).ConfigureAwait(false);
        switch (result.Outcome)
        {
            case ConnectOutcome.Connected:
                Begin(new EgressExchange(this, request, result.Address!, verdict.Rule), policy);
                break;
            case ConnectOutcome.Denied:
                Report(request.Target, allowed: false, verdict.Rule, result.Reason);
                break;
            default:
                Report(request.Target, allowed: true, verdict.Rule, result.Reason, closed: true);
                break;
        }

        return result;
    }

    /// <summary>Judges a further request on a connection that is open already.</summary>
    /// <returns>The reason of a denial, or <see langword="null"/>.</returns>
    public string? Reopen(EgressRequest request, IPAddress address)
    {
        var policy = _proxy.Policy;
        var reason = Denial(policy, request, address);
        if (reason is not null)
            Report(request.Target, allowed: false, rule: null, reason);
        else
            Begin(new EgressExchange(this, request, address, policy.Judge(request).Rule!), policy);
        return reason;
    }

    /// <summary>Gets what <see cref="OpenAsync"/> opened last.</summary>
    public EgressExchange Exchange => _exchange ?? throw new InvalidOperationException("Nothing was opened.");

    /// <summary>Ends what is open where a new policy forbids it.</summary>
    public void Recheck(EgressPolicy policy)
    {
        if (Volatile.Read(ref _exchange) is { } open
            && Denial(policy, open.Request, open.Address) is { } reason
            && open.Deny($"closed by a new policy: {reason}"))
            Abort("the policy changed");
    }

    /// <summary>Ends the connection.</summary>
    public void Abort(string reason)
    {
        Interlocked.CompareExchange(ref _endReason, reason, null);
        _end.Cancel();
    }

    /// <summary>Starts the time in which a whole head must come, however slowly.</summary>
    public void ExpectHead() => SetDeadline(Options.HeaderTimeout, HeadTooSlow);

    /// <summary>Restarts the time in which some byte must pass.</summary>
    public void Touch() => SetDeadline(Options.IdleTimeout, "idle for too long");

    /// <summary>Ends the connection where its deadline is past.</summary>
    public void Expire(long now)
    {
        if (now >= Volatile.Read(ref _deadline))
            Abort(_deadlineReason);
    }

    public void Report(
        EgressTarget? target, bool allowed, string? rule, string? reason, bool closed = false, long bytesOut = 0, long bytesIn = 0) =>
        _proxy.Report(new EgressEvent
        {
            Time = Options.Time.GetUtcNow(),
            Allowed = allowed,
            Host = target?.Host ?? "",
            Port = target?.Port ?? 0,
            Rule = rule,
            Reason = reason,
            Closed = closed,
            BytesOut = bytesOut,
            BytesIn = bytesIn,
        });

    /// <summary>Sends a last answer, if the client is still there.</summary>
    /// <remarks>What it still sends is read and dropped for a while, because closing a socket with unread bytes would make
    /// its reader lose the answer.</remarks>
    public async ValueTask SendLastAsync(ReadOnlyMemory<byte> answer)
    {
        SetDeadline(LingerTimeout, "");
        try
        {
            await Client.SendAllAsync(answer, Token).ConfigureAwait(false);
            Client.Shutdown(SocketShutdown.Send);
            var dropped = 0;
            do
            {
                dropped += Input.Span.Length;
                Input.Consume(Input.Span.Length);
            }
            while (dropped < MaxLingerBytes && await Input.FillAsync(Token).ConfigureAwait(false));
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException)
        {
            // Nobody is waiting for the answer, or not for this long.
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Input.Dispose();
    }

    private async Task ServeAsync(byte first)
    {
        switch (first)
        {
            case SocksSession.Version:
                await new SocksSession(this).RunAsync().ConfigureAwait(false);
                break;
            case >= (byte)'A' and <= (byte)'Z':
                using (var session = new HttpSession(this))
                    await session.RunAsync().ConfigureAwait(false);
                break;
            default:
                throw new ProtocolException("the first byte belongs to neither HTTP nor SOCKS5");
        }
    }

    private void Begin(EgressExchange exchange, EgressPolicy judgedBy)
    {
        Interlocked.Exchange(ref _exchange, exchange);
        Report(exchange.Request.Target, allowed: true, exchange.Rule, reason: null);
        Touch();
        // A policy set since the judgement has not seen this exchange.
        if (_proxy.Policy is var current && !ReferenceEquals(current, judgedBy))
            Recheck(current);
    }

    private string? Denial(EgressPolicy policy, EgressRequest request, IPAddress address)
    {
        var verdict = policy.Judge(request);
        return verdict.Reason ?? _proxy.Connector.Denial(policy, request.Target, address, verdict.Rule!);
    }

    private void SetDeadline(TimeSpan after, string reason)
    {
        _deadlineReason = reason;
        Volatile.Write(ref _deadline, Options.Time.GetTimestamp() + (long)(after.TotalSeconds * Options.Time.TimestampFrequency));
    }

    private void SuspendDeadline() => Volatile.Write(ref _deadline, long.MaxValue);
}
