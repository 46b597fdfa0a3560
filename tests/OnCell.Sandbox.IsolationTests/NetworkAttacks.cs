namespace OnCell.Sandbox.IsolationTests;

/// <summary>Attacks on the network: there is none in the cell, and the proxy denies all that no rule names.</summary>
[Collection(CellPair.Collection)]
public class NetworkAttacks(CellPair cells)
{
    [Fact]
    public async Task There_is_no_interface_but_loopback()
    {
        var names = await cells.PythonAsync("import socket; print([n for _, n in socket.if_nameindex()])");
        Assert.Equal("['lo']", names);
    }

    [Theory]
    [InlineData("169.254.169.254", 80)]
    [InlineData("10.0.0.1", 22)]
    [InlineData("8.8.8.8", 53)]
    [InlineData("192.168.0.1", 80)]
    public async Task No_address_is_reachable_directly(string address, int port)
    {
        var answer = await cells.PythonAsync(
            $"""
            import socket
            s = socket.socket(); s.settimeout(5)
            tcp = s.connect_ex(('{address}', {port}))
            try:
                udp = socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{address}', {port}))
            except OSError as e:
                udp = -e.errno
            print('reached' if tcp == 0 or udp >= 0 else 'unreachable')
            """);
        Assert.Equal("unreachable", answer);
    }

    [Theory]
    [InlineData("AF_PACKET, socket.SOCK_RAW")]
    [InlineData("AF_INET, socket.SOCK_RAW, 1")]
    [InlineData("AF_INET6, socket.SOCK_RAW, 58")]
    [InlineData("AF_VSOCK, socket.SOCK_STREAM")]
    public async Task Raw_and_virtual_machine_sockets_are_refused(string kind) =>
        Assert.Equal("refused", await cells.PythonAsync(
            $"""
            import socket
            try:
                socket.socket(socket.{kind}); print('made')
            except OSError:
                print('refused')
            """));

    [Fact]
    public async Task Names_are_not_resolved() =>
        await cells.MustFailAsync("getent hosts example.com");

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data/", "169.254.169.254")]
    [InlineData("http://example.com/", "example.com")]
    [InlineData("http://[::1]:22/", "::1")]
    [InlineData("http://10.1.2.3/", "10.1.2.3")]
    public async Task The_proxy_denies_what_no_rule_names_and_says_so(string url, string host)
    {
        await cells.MustFailAsync($"python3 -c \"import urllib.request; urllib.request.urlopen('{url}', timeout=10)\"");
        Assert.Contains(cells.Egress, e => !e.Allowed && e.Host.Contains(host, StringComparison.Ordinal) && e.Reason is { Length: > 0 });
    }
}
