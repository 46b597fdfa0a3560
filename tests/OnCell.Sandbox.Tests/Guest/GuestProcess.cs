using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>The real guest binary as an ordinary process in a folder of its own, and the channel that it dials.</summary>
internal sealed class GuestProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private Process _process;

    private readonly string[] _more;

    private GuestProcess(string folder, string[] more)
    {
        Folder = folder;
        _more = more;
        EgressPort = FreePort();
        Directory.CreateDirectory(WorkFolder);
        Channel = GuestChannel.Listen(ControlSocket, NullLogger.Instance);
        _process = Start();
    }

    public string Folder { get; }

    public string WorkFolder => Path.Combine(Folder, "work");

    public string StateFolder => Path.Combine(Folder, "state");

    public string ControlSocket => Path.Combine(Folder, "control.sock");

    public int EgressPort { get; }

    public string EgressSocket => Path.Combine(Folder, "egress.sock");

    public GuestChannel Channel { get; private set; }

    public string[] ExecLog => File.ReadAllLines(Path.Combine(StateFolder, "exec.log"));

    public static Task<GuestProcess> StartAsync(params string[] more) =>
        StartInAsync(Directory.CreateTempSubdirectory("guest-").FullName, more);

    public static async Task<GuestProcess> StartInAsync(string folder, params string[] more)
    {
        var guest = new GuestProcess(folder, more);
        await guest.WaitReadyAsync();
        return guest;
    }

    /// <summary>A command that works in this guest's folder.</summary>
    public ExecSpec Shell(string line, string? key = null) =>
        ExecSpec.Shell(line) with { WorkingDirectory = WorkFolder, Key = key };

    public async Task<ExecResult> RunAsync(ExecSpec spec, Action<ExecOutput>? output = null)
    {
        await using var handle = await Channel.StartExecAsync(spec, TestContext.Current.CancellationToken);
        return await handle.WaitAsync(output, TestContext.Current.CancellationToken);
    }

    /// <summary>As if the host service had been killed and started again.</summary>
    public async Task RestartHostAsync()
    {
        await Channel.DisposeAsync();
        Channel = GuestChannel.Listen(ControlSocket, NullLogger.Instance);
        await Channel.WaitConnectedAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>As if the sandbox had been killed and started again on the same volume.</summary>
    public async Task RestartGuestAsync()
    {
        await KillAsync();
        await Channel.DisposeAsync();
        Channel = GuestChannel.Listen(ControlSocket, NullLogger.Instance);
        _process = Start();
        await WaitReadyAsync();
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    public Task WaitForExitAsync() => _process.WaitForExitAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await Channel.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The guest says hello before the rest of it is made, so that only an answer tells that its egress listens.</summary>
    private async Task WaitReadyAsync()
    {
        await Channel.WaitConnectedAsync(Patience, TestContext.Current.CancellationToken);
        await Channel.PingAsync(TestContext.Current.CancellationToken);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Process Start() => Process.Start(new ProcessStartInfo(
        GuestBinary.Locate(),
        [
            "init", "--control", ControlSocket, "--egress", EgressSocket, "--port", $"{EgressPort}",
            "--state", StateFolder, "--work", WorkFolder, .. _more,
        ]))!;
}
