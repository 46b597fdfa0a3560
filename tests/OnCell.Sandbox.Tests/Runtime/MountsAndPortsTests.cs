using System.Text;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class MountsAndPortsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_file_is_read_in_the_sandbox_and_cannot_be_written()
    {
        await using var lab = await SandboxLab.OpenAsync();
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "weights");
        await File.WriteAllTextAsync(file, "of the host", Cancellation);
        var spec = lab.Spec() with { ReadOnlyMounts = new Dictionary<string, string> { ["/models/weights"] = file } };
        await using var sandbox = await lab.Runtime.StartAsync(spec, Cancellation);
        Assert.Equal("of the host", await SandboxLab.ShellAsync(sandbox, "cat /models/weights"));
        foreach (var attempt in (string[])["echo x >> /models/weights", "rm /models/weights", "chmod 777 /models/weights", "umount /models/weights"])
            Assert.NotEqual(0, (await sandbox.RunAsync(ExecSpec.Shell(attempt), null, Cancellation)).ExitCode);
        Assert.Equal("of the host", await File.ReadAllTextAsync(file, Cancellation));
    }

    [Fact]
    public async Task The_host_talks_to_a_server_in_the_sandbox_and_a_closed_port_is_said()
    {
        await using var lab = await SandboxLab.OpenAsync();
        await using var sandbox = await lab.StartAsync();
        await Assert.ThrowsAnyAsync<SandboxException>(() => sandbox.ConnectPortAsync(8099, Cancellation));
        const string server = "import socket; s=socket.create_server(('127.0.0.1',8099)); print('up',flush=True); c,_=s.accept(); c.sendall(c.recv(100).upper()); c.close()";
        var up = new TaskCompletionSource();
        await using var handle = await sandbox.StartExecAsync(ExecSpec.Command("python3", "-c", server), Cancellation);
        var ended = handle.WaitAsync(_ => up.TrySetResult(), Cancellation);
        await Task.WhenAny(up.Task, ended);
        await using var stream = await sandbox.ConnectPortAsync(8099, Cancellation);
        await stream.WriteAsync("hello"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.Equal("HELLO", await reader.ReadToEndAsync(Cancellation));
        Assert.Equal(0, (await ended).ExitCode);
    }

    [Theory]
    [InlineData("/work/weights")]
    [InlineData("/oncell/oncell-guest")]
    [InlineData("/models/../run/oncell/x")]
    [InlineData("/weights")]
    [InlineData("models/weights")]
    public void A_mount_over_what_makes_the_cell_is_refused(string inside)
    {
        var spec = SandboxLab.Spec("cell", "/data", "/") with { ReadOnlyMounts = new Dictionary<string, string> { [inside] = "/etc/hostname" } };
        var error = Assert.Throws<SandboxException>(() => SandboxSpecValidator.Validate(spec));
        Assert.Contains(inside, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_of_nothing_is_refused()
    {
        var spec = SandboxLab.Spec("cell", "/data", "/") with { ReadOnlyMounts = new Dictionary<string, string> { ["/models/w"] = "/does/not/exist" } };
        Assert.Contains("/does/not/exist", Assert.Throws<SandboxException>(() => SandboxSpecValidator.Validate(spec)).Message, StringComparison.Ordinal);
    }
}
