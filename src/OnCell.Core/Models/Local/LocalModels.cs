using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OnCell.Cells;
using OnCell.Models.Providers;
using OnCell.Sandboxes;

namespace OnCell.Models.Local;

/// <summary>The model servers of this process, with a sandbox runtime of their own: no customer's cell can have the name of one.</summary>
internal sealed partial class LocalModels(
    CellPaths paths, IOptions<OnCellOptions> options, TimeProvider time, ILoggerFactory loggers) : IHostedService
{
    private readonly Lock _gate = new();
    private readonly List<LlamaServer> _servers = [];
    private Task<ISandboxRuntime>? _runtime;

    /// <summary>Makes the client of a model. Nothing is started before it is asked.</summary>
    public IChatClient Create(string name, LocalModelOptions model, IServiceProvider services)
    {
        Check(name, model);
        var server = new LlamaServer(name, model, this, time, loggers.CreateLogger("OnCell.Models"));
        lock (_gate) _servers.Add(server);
        var provider = new ModelProviderOptions { Name = name, Model = name, Endpoint = LlamaServer.Address, IdempotencyHeader = "" };
        // A connection is a stream to the server that runs now, so none is kept for the next one.
        var connections = new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = async (_, token) => await server.ConnectAsync(token).ConfigureAwait(false),
        };
        return new LocalModelClient(ConfiguredModel.Create(provider, services, connections), server);
    }

    /// <summary>Gets where a model's server keeps its volume.</summary>
    public string Folder(string name) => Path.Combine(paths.Models, name);

    /// <summary>Notes the base system that a model's server is started with, so that it is not removed while the server sleeps.</summary>
    public void NoteImage(string name, string digest) => new ImagesInUse(paths.Models).Note(name, digest);

    /// <summary>Gets the folder of base systems.</summary>
    public string ImageFolder => Path.GetFullPath(options.Value.ImageFolder);

    /// <summary>Gets the runtime; the first time, what an earlier process left running is removed.</summary>
    public async Task<ISandboxRuntime> GetRuntimeAsync(CancellationToken cancellationToken)
    {
        Task<ISandboxRuntime> runtime;
        lock (_gate)
        {
            if (_runtime is null or { IsFaulted: true }) _runtime = OpenAsync();
            runtime = _runtime;
        }

        return await runtime.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops the servers; unlike cells they hold nothing that is worth keeping alive.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        LlamaServer[] servers;
        lock (_gate) servers = [.. _servers];
        foreach (var server in servers) await server.DisposeAsync().ConfigureAwait(false);
        if (_runtime is { IsCompletedSuccessfully: true } runtime) await runtime.Result.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<ISandboxRuntime> OpenAsync()
    {
        var runtime = new RunscRuntime(
            new RunscOptions { RunscPath = options.Value.RunscPath, RuntimeRoot = paths.Runtime + "-m" },
            loggers.CreateLogger<RunscRuntime>());
        foreach (var left in await runtime.ListAsync(CancellationToken.None).ConfigureAwait(false))
            await runtime.DestroyAsync(left, CancellationToken.None).ConfigureAwait(false);
        return runtime;
    }

    private static void Check(string name, LocalModelOptions model)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(model, new ValidationContext(model), faults, validateAllProperties: true);
        var messages = faults.Select(f => f.ErrorMessage!).ToList();
        if (!NameForm().IsMatch(name)) messages.Add("Its name must be 1 to 40 of a-z, 0-9 and '-', starting with a letter.");
        messages.AddRange(model.WeightsSource.Faults());
        if (messages.Count > 0)
            throw new OnCellException(OnCellError.Invalid, $"AddLocalModel(\"{name}\"): {string.Join(" ", messages)}");
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,39}\z")]
    private static partial Regex NameForm();
}
