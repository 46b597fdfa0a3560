using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Guest;

namespace OnCell.Sandbox.Tests.Guest;

/// <summary>The real guest binary as an ordinary process in a folder of its own, and the channel that it dials.</summary>
internal sealed class GuestProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private Process _process;

    private GuestProcess(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(WorkFolder);
        Channel = GuestChannel.Listen(ControlSocket, NullLogger.Instance);
        _process = Start();
    }

    public string Folder { get; }

    public string WorkFolder => Path.Combine(Folder, "work");

    public string StateFolder => Path.Combine(Folder, "state");

    public string ControlSocket => Path.Combine(Folder, "control.sock");

    public string EgressSocket => Path.Combine(Folder, "egress.sock");

    public GuestChannel Channel { get; private set; }

    public string[] ExecLog => File.ReadAllLines(Path.Combine(StateFolder, "exec.log"));

    public static async Task<GuestProcess> StartAsync()
    {
        var guest = new GuestProcess(Directory.CreateTempSubdirectory("guest-").FullName);
        await guest.Channel.WaitConnectedAsync(Patience, TestContext.Current.CancellationToken);
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
        await Channel.WaitConnectedAsync(Patience, TestContext.Current.CancellationToken);
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

    private Process Start() => Process.Start(new ProcessStartInfo(GuestBinary.Locate())
    {
        ArgumentList =
        {
            "init", "--control", ControlSocket, "--egress", EgressSocket, "--port", "0",
            "--state", StateFolder, "--work", WorkFolder,
        },
    })!;
}
