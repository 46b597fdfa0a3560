using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Guest.Protocol;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>What a cell can send in place of its guest.</summary>
public sealed class HostileGuestTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hostile-").FullName;
    private readonly GuestChannel _channel;

    public HostileGuestTests() => _channel = GuestChannel.Listen(SocketPath, NullLogger.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder, "s");

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_guest_of_another_version_is_refused_and_named()
    {
        using var peer = HostilePeer.Connect(SocketPath);
        peer.SayHello(7, "0.9");
        Assert.Equal(FrameType.Refused, peer.ReadFrame().Type);
        var e = await Assert.ThrowsAnyAsync<SandboxException>(
            () => _channel.WaitConnectedAsync(TimeSpan.FromMilliseconds(50), Token));
        Assert.Contains("guest 0.9 speaks protocol 7", e.Message);
    }

    [Fact]
    public async Task A_second_connection_does_not_take_the_place_of_the_first()
    {
        using var first = HostilePeer.ConnectWelcome(SocketPath);
        using var second = HostilePeer.Connect(SocketPath);
        second.SayHello(ProtocolConstants.Version);
        Assert.Equal(FrameType.Refused, second.ReadFrame().Type);
        var ping = _channel.PingAsync(Token);
        first.Send(FrameType.Pong, 0, first.ReadFrame().Stream, []);
        await ping;
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(ProtocolConstants.MaxGuestPayload + 1)]
    public async Task A_frame_of_an_absurd_length_ends_the_connection(int length)
    {
        using var peer = HostilePeer.ConnectWelcome(SocketPath);
        var stat = _channel.Files.StatAsync("f", Token);
        peer.ReadFrame();
        var header = new byte[FrameHeader.Size];
        new FrameHeader(FrameType.Data, 0, 1, length).Write(header);
        peer.SendRaw(header);
        Assert.Contains("broke the protocol", (await Assert.ThrowsAnyAsync<SandboxException>(() => stat)).Message);
        peer.ReadToEnd();
    }

    [Fact]
    public async Task More_data_than_there_is_credit_for_ends_the_connection()
    {
        using var peer = HostilePeer.ConnectWelcome(SocketPath);
        // Nobody reads this command's output, so there is no new credit.
        var start = _channel.StartExecAsync(ExecSpec.Shell("x"), Token);
        var stream = peer.ReadFrame().Stream;
        peer.Send(FrameType.Event, (byte)CallEvent.ExecStarted, stream, [0]);
        await using var handle = await start;
        for (var i = 0; i < 2 * ProtocolConstants.Window / 1024; i++)
            peer.Send(FrameType.Data, 0, stream, [1]);
        peer.ReadToEnd();
        await Assert.ThrowsAnyAsync<SandboxException>(() => handle.WaitAsync(null, Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(int.MaxValue)]
    public async Task Absurd_credit_ends_the_connection(int credit)
    {
        using var peer = HostilePeer.ConnectWelcome(SocketPath);
        var write = _channel.Files.WriteAsync("f", new byte[10_000_000], 420, Token);
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(payload, credit);
        peer.Send(FrameType.Credit, 0, peer.ReadFrame().Stream, payload);
        await Assert.ThrowsAnyAsync<SandboxException>(() => write);
    }

    [Fact]
    public async Task Gaps_beyond_all_numbers_are_an_error_of_the_command()
    {
        using var peer = HostilePeer.ConnectWelcome(SocketPath);
        var start = _channel.StartExecAsync(ExecSpec.Shell("x"), Token);
        var stream = peer.ReadFrame().Stream;
        peer.Send(FrameType.Event, (byte)CallEvent.ExecStarted, stream, [0]);
        await using var handle = await start;
        var wait = handle.WaitAsync(null, Token);
        var writer = new WireWriter();
        new OutputGap(OutputStream.Stdout, 1L << 53).Write(writer);
        for (var i = 0; i < 1100; i++)
            peer.Send(FrameType.Event, (byte)CallEvent.Gap, stream, writer.Written);
        await Assert.ThrowsAnyAsync<SandboxException>(() => wait);
    }

    [Fact]
    public async Task Noise_in_any_place_ends_in_an_error_and_the_next_guest_is_served()
    {
        var random = new Random(21);
        for (var round = 0; round < 300; round++)
        {
            using var peer = HostilePeer.Connect(SocketPath);
            if (random.Next(5) > 0)
                peer.SayHello(ProtocolConstants.Version);
            else
                peer.SendRaw(Noise(random, random.Next(200)));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var call = CallAsync(random.Next(5), limit.Token);
            for (var frames = random.Next(1, 12); frames > 0; frames--)
                SendNoise(peer, random);
            peer.Dispose();
            limit.CancelAfter(random.Next(20)); // Where the peer never got as far as to be asked.
            await call;
        }
        using var honest = HostilePeer.ConnectWelcome(SocketPath);
        var ping = _channel.PingAsync(Token);
        honest.Send(FrameType.Pong, 0, honest.ReadFrame().Stream, []);
        await ping;
    }

    /// <summary>A call may succeed, be cancelled or fail with an error that callers know; nothing else.</summary>
    private async Task CallAsync(int which, CancellationToken cancellationToken)
    {
        try
        {
            switch (which)
            {
                case 0:
                    await _channel.Files.ListAsync("f", cancellationToken);
                    break;
                case 1:
                    await _channel.Files.ReadAsync("f", 100_000, cancellationToken);
                    break;
                case 2:
                    await _channel.Files.StatAsync("f", cancellationToken);
                    break;
                case 3:
                    await _channel.FindExecAsync("k", cancellationToken);
                    break;
                default:
                    await using (var handle = await _channel.StartExecAsync(
                        ExecSpec.Shell("x") with { Key = "k" }, cancellationToken))
                        await handle.WaitAsync(null, cancellationToken);
                    break;
            }
        }
        catch (Exception e) when (e is SandboxException or FileNotFoundException or OperationCanceledException)
        {
        }
    }

    private static void SendNoise(HostilePeer peer, Random random)
    {
        if (random.Next(10) == 0)
        {
            peer.SendRaw(Noise(random, random.Next(40)));
            return;
        }
        FrameType[] types = [FrameType.Data, FrameType.Event, FrameType.Result, FrameType.Error, FrameType.Credit, FrameType.Pong];
        var payload = random.Next(3) == 0 ? [0] : Noise(random, random.Next(3) == 0 ? random.Next(300_000) : random.Next(40));
        peer.Send(types[random.Next(types.Length)], (byte)random.Next(4), (uint)random.Next(300), payload);
    }

    private static byte[] Noise(Random random, int length)
    {
        var noise = new byte[length];
        random.NextBytes(noise);
        // Small numbers get further than noise does.
        for (var i = 0; i < noise.Length; i++)
            noise[i] = random.Next(2) == 0 ? (byte)random.Next(4) : noise[i];
        return noise;
    }
}
