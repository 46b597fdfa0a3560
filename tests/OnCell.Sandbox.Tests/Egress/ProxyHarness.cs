using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandbox.Tests.Egress;

/// <summary>A proxy on a socket of its own, with names and routes that exist only in the test.</summary>
internal sealed class ProxyHarness : IAsyncDisposable
{
    private readonly Channel<EgressEvent> _events = Channel.CreateUnbounded<EgressEvent>();
    private readonly List<EgressEvent> _seen = [];

    private ProxyHarness(string[] rules, Func<EgressOptions, EgressOptions>? options)
    {
        SocketPath = Path.Combine(Path.GetTempPath(), $"oncell-{Guid.NewGuid():N}"[..20]);
        var configured = new EgressOptions { Resolver = Resolver };
        Proxy = EgressProxy.Start(
            SocketPath, EgressPolicy.Parse(rules), options?.Invoke(configured) ?? configured, e => _events.Writer.TryWrite(e), dialer: Dialer);
    }

    public string SocketPath { get; }

    public EgressProxy Proxy { get; }

    public TestResolver Resolver { get; } = new();

    public TestDialer Dialer { get; } = new();

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static ProxyHarness Start(params string[] rules) => new(rules, null);

    public static ProxyHarness Start(Func<EgressOptions, EgressOptions> options, params string[] rules) => new(rules, options);

    /// <summary>Gives a name a public address, which the dialer takes to a local server.</summary>
    public void Publish(string name, string address, IPEndPoint server)
    {
        Resolver.Names[name] = [IPAddress.Parse(address)];
        Dialer.Routes[IPAddress.Parse(address)] = server;
    }

    public async Task<Client> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Cancel);
        return new Client(socket);
    }

    /// <summary>Sends text on a new connection and reads the answer to its end.</summary>
    public async Task<string> AskAsync(string request)
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(request);
        return await client.ReadToEndAsync();
    }

    /// <summary>Waits for the next event.</summary>
    public async Task<EgressEvent> NextEventAsync()
    {
        var next = await _events.Reader.ReadAsync(Cancel);
        _seen.Add(next);
        return next;
    }

    /// <summary>Waits for an event of a kind; earlier ones are skipped.</summary>
    public async Task<EgressEvent> EventAsync(Predicate<EgressEvent> wanted)
    {
        while (true)
        {
            if (await NextEventAsync() is var next && wanted(next))
                return next;
        }
    }

    public Task<EgressEvent> DenialAsync() => EventAsync(e => !e.Allowed);

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        File.Delete(SocketPath);
    }
}

/// <summary>Names of a test. Counts what it is asked.</summary>
internal sealed class TestResolver : IEgressResolver
{
    public ConcurrentDictionary<string, IPAddress[]> Names { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Runs after each look-up: a rebinding name changes its address here.</summary>
    public Action<string>? AfterLookup { get; set; }

    public ValueTask<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        Asked.Enqueue(name);
        IReadOnlyList<IPAddress> addresses = Names.TryGetValue(name, out var found) ? found : [];
        AfterLookup?.Invoke(name);
        return ValueTask.FromResult(addresses);
    }
}

/// <summary>Records every dial, and leaves loopback for nothing: an address without a route is unreachable.</summary>
internal sealed class TestDialer : IEgressDialer
{
    public ConcurrentDictionary<IPAddress, IPEndPoint> Routes { get; } = new();

    public ConcurrentQueue<IPEndPoint> Dialled { get; } = new();

    public HashSet<IPAddress> OwnAddresses { get; } = [];

    public ValueTask<Socket> DialAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        Dialled.Enqueue(endPoint);
        if (Routes.TryGetValue(endPoint.Address, out var route))
            return TcpDialer.Instance.DialAsync(route, cancellationToken);
        if (IPAddress.IsLoopback(endPoint.Address))
            return TcpDialer.Instance.DialAsync(endPoint, cancellationToken);
        throw new SocketException((int)SocketError.HostUnreachable);
    }

    public bool IsThisHost(IPAddress address) => OwnAddresses.Contains(address);
}

/// <summary>A client in the sandbox: a connection to the proxy's socket.</summary>
internal sealed class Client(Socket socket) : IAsyncDisposable
{
    public NetworkStream Stream { get; } = new(socket, ownsSocket: true);

    public Socket Socket => socket;

    public async Task SendAsync(string text) => await SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await Stream.WriteAsync(bytes, ProxyHarness.Cancel);

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, ProxyHarness.Cancel);
        return bytes;
    }

    /// <summary>Reads an HTTP head.</summary>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head.Append((char)(await ReadAsync(1))[0]);
        return head.ToString();
    }

    public async Task<string> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        try
        {
            await Stream.CopyToAsync(all, ProxyHarness.Cancel);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return Encoding.Latin1.GetString(all.ToArray());
    }

    public async Task<string> ConnectToAsync(string authority)
    {
        await SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        return await ReadHeadAsync();
    }

    /// <summary>Greets and asks by SOCKS5.</summary>
    /// <returns>The reply code.</returns>
    public async Task<byte> SocksAsync(byte type, byte[] address, int port)
    {
        await SendAsync([5, 1, 0]);
        Assert.Equal([5, 0], await ReadAsync(2));
        await SendAsync([5, 1, 0, type, .. address, (byte)(port >> 8), (byte)port]);
        return (await ReadAsync(10))[1];
    }

    public Task<byte> SocksAsync(string name, int port) =>
        SocksAsync(3, [(byte)name.Length, .. Encoding.ASCII.GetBytes(name)], port);

    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
