// gVisor sandboxes for .NET, without the rest of OnCell. As root, after eng/setup.sh:
//
//   dotnet run --project samples/SandboxSample
//
// The first run builds a base system (about half a minute); what is left is below /var/cache/oncell/images.
using System.Text;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

var data = Directory.CreateTempSubdirectory("sandbox-sample-").FullName;
var runtimeRoot = $"/run/sandbox-sample-{Environment.ProcessId}";
await using var runtime = new RunscRuntime(new RunscOptions { RuntimeRoot = runtimeRoot });
foreach (var lacking in (await runtime.ProbeAsync(default)).Requirements.Where(r => !r.Ok))
    Console.WriteLine($"this host lacks {lacking.Name} ({lacking.Found}): {lacking.Fix}");

var image = await new ImageStore(new ImageStoreOptions()).GetAsync(new ImageSpec { Packages = ["git", "python3"] });
SandboxSpec Spec(string id) => new()
{
    Id = new SandboxId(id),
    Folder = $"{data}/{id}",
    RootFileSystem = image.RootFileSystem,
    Resources = new SandboxResources { Cpus = 1, MemoryBytes = 512L << 20, StorageBytes = 256L << 20 },
};

var sandbox = await runtime.StartAsync(Spec("acme"), default);
try
{
    // A command, and the only network there is: what the policy names, which is nothing.
    Console.Write(await ShellAsync(sandbox, "uname -a; git init -q . && echo hello > index.html && git add . && git status --short"));
    Console.Write(await ShellAsync(sandbox, "git ls-remote https://example.com/x 2>&1 | tail -n 1"));

    // A server in the background, found again by its key, and reached from the host.
    var server = ExecSpec.Shell("exec python3 -u -m http.server 8080") with { Key = "server" };
    var listening = new TaskCompletionSource();
    await using (var handle = await sandbox.StartExecAsync(server, default))
    {
        _ = handle.WaitAsync(_ => listening.TrySetResult(), default).ContinueWith(ended => ended.Exception, TaskScheduler.Default);
        await listening.Task;
    }

    await using (var stream = await sandbox.ConnectPortAsync(8080, default))
    {
        await stream.WriteAsync("GET /index.html HTTP/1.0\r\n\r\n"u8.ToArray());
        using var answer = new StreamReader(stream);
        Console.WriteLine("preview: " + (await answer.ReadToEndAsync()).Split('\n')[^2]);
    }

    // The disk as it is now, for another sandbox; and back to it.
    await runtime.Snapshots.CreateAsync(sandbox.Id, Spec("acme").Folder, "before", default);
    await ShellAsync(sandbox, "rm -rf .git index.html");
    await runtime.Snapshots.ForkAsync(sandbox.Id, Spec("acme").Folder, "before", Spec("fork").Folder, default);
    await using (var fork = await runtime.StartAsync(Spec("fork"), default))
    {
        Console.Write("the fork has " + await ShellAsync(fork, "cat index.html"));
        await fork.StopAsync(default);
    }

    await sandbox.FreezeAsync(default);
    await sandbox.ThawAsync(default);
    Console.Write("thawed: " + await ShellAsync(sandbox, "echo still here"));
    return 0;
}
finally
{
    await sandbox.StopAsync(default);
    foreach (var id in await runtime.ListAsync(default))
        await runtime.DestroyAsync(id, default);
    Directory.Delete(data, recursive: true);
}

static async Task<string> ShellAsync(Sandbox sandbox, string line)
{
    var result = await sandbox.RunAsync(ExecSpec.Shell(line) with { Timeout = TimeSpan.FromMinutes(1) });
    return result.ExitCode == 0
        ? Encoding.UTF8.GetString(result.Stdout)
        : throw new InvalidOperationException($"'{line}' ended with {result.Outcome} {result.ExitCode}: {Encoding.UTF8.GetString(result.Stderr)}");
}
