using System.Globalization;
using Microsoft.Extensions.Logging;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Models.Local;

/// <summary>Starts llama.cpp's server in a sandbox of its own: no network, the weights read-only, nothing else of the host.</summary>
internal sealed class LlamaSandbox(string name, LocalModelOptions options, LocalModels models, ILogger logger)
{
    private const string Weights = "/models/weights.gguf";
    private const long MemoryBesideWeights = 2L << 30;
    private const long StorageBytes = 128L << 20;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <exception cref="ModelException">The weights are missing or wrong, or the server did not come up.</exception>
    public async Task<RunningServer> StartAsync(CancellationToken cancellationToken)
    {
        var weights = await options.WeightsSource.GetAsync(name, logger, cancellationToken).ConfigureAwait(false);
        try
        {
            var root = await GetRootAsync(cancellationToken).ConfigureAwait(false);
            var runtime = await models.GetRuntimeAsync(cancellationToken).ConfigureAwait(false);
            var sandbox = await runtime.StartAsync(Spec(weights, root), cancellationToken).ConfigureAwait(false);
            return await StartServerAsync(sandbox, cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            throw new ModelException(ModelFailure.Unavailable, $"The local model \"{name}\" cannot be started: {e.Message}", e);
        }
    }

    /// <summary>The command line of the server. Pure.</summary>
    internal static ExecSpec Command(string name, LocalModelOptions options) => ExecSpec.Command(
        "llama-server",
        "--model", Weights,
        "--alias", name,
        "--host", "127.0.0.1",
        "--port", Number(RunningServer.Port),
        "--parallel", Number(options.Parallel),
        "--ctx-size", Number(options.ContextTokens * options.Parallel),
        "--threads", Number((int)Math.Max(1, Math.Round(options.Cpus))),
        "--cache-ram", "0", // its cache of old prompts would grow to the memory cap
        "--offline",
        "--no-ui",
        "--no-slots",
        options.BuiltInTemplate ? "--no-jinja" : "--jinja") with
    { WorkingDirectory = "/" };

    private async Task<string> GetRootAsync(CancellationToken cancellationToken)
    {
        if (options.RootFileSystem is { } given) return Path.GetFullPath(given);
        var images = new ImageStore(new ImageStoreOptions
        {
            Folder = models.ImageFolder,
            Source = await PackageSource.DebianAsync(options.Suite, cancellationToken).ConfigureAwait(false),
        });
        var image = await images.GetAsync(new ImageSpec { Packages = ["llama.cpp-tools"] }, null, cancellationToken).ConfigureAwait(false);
        models.NoteImage(name, image.Digest);
        return image.RootFileSystem;
    }

    private SandboxSpec Spec(string weights, string root) => new()
    {
        Id = new SandboxId("model-" + name),
        Folder = models.Folder(name),
        RootFileSystem = root,
        Resources = new SandboxResources
        {
            Cpus = options.Cpus,
            MemoryBytes = options.MemoryBytes ?? new FileInfo(weights).Length + MemoryBesideWeights,
            StorageBytes = StorageBytes,
        },
        ReadOnlyMounts = new Dictionary<string, string> { [Weights] = weights },
    };

    private async Task<RunningServer> StartServerAsync(Sandbox sandbox, CancellationToken cancellationToken)
    {
        RunningServer? server = null;
        try
        {
            server = new RunningServer(sandbox, await sandbox.StartExecAsync(Command(name, options), cancellationToken).ConfigureAwait(false));
            await WaitReadyAsync(server, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            if (server is not null) await server.DisposeAsync().ConfigureAwait(false);
            else await sandbox.StopAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task WaitReadyAsync(RunningServer server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.StartTimeout);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) => await server.ConnectAsync(token).ConfigureAwait(false),
        });
        try
        {
            while (server.IsAlive)
            {
                if (await IsReadyAsync(http, limit.Token).ConfigureAwait(false)) return;
                await Task.Delay(Poll, limit.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelException(ModelFailure.Unavailable,
                $"The server of the local model \"{name}\" did not load its weights within {options.StartTimeout} (LocalModelOptions.StartTimeout). It wrote: {server.Said}", e);
        }

        throw new ModelException(ModelFailure.Rejected,
            $"The server of the local model \"{name}\" ended as it started: {server.Reason}. Are the weights a GGUF file, and is the memory enough (LocalModelOptions.MemoryBytes)? It wrote: {server.Said}");
    }

    private static async Task<bool> IsReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(LlamaServer.Address, "/health"), cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode; // 503 while it loads
        }
        catch (HttpRequestException)
        {
            return false; // it does not listen yet; whether it lives is looked at by the caller
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
