using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OnCell.Registry;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Images;

namespace OnCell.Cells;

/// <summary>Turns a customer's cell into a running sandbox: image, caps, network rules, credentials.</summary>
internal sealed class CellSandboxes(
    ISandboxRuntime runtime, ImageStore images, SecretBox secrets, CellPaths paths, ILogger<CellSandboxes> logger) : ICellSandboxes
{
    /// <summary>
    /// What the first command of a fresh sandbox does: nothing lives that could hold a lock of git, so those that a killed
    /// git left behind are removed; without that every later git command would fail.
    /// </summary>
    private const string FirstCommand =
        "if [ -d .git ]; then find .git -name '*.lock' -type f -delete; fi";

    private readonly ImagesInUse _inUse = new(paths.Cells);

    public async Task<Sandbox> StartAsync(LiveCell cell, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var spec = await SpecAsync(cell, progress, cancellationToken).ConfigureAwait(false);
        progress?.Report(new CellProgress("sandbox", "starting the sandbox"));
        var sandbox = await runtime.StartAsync(spec, cancellationToken).ConfigureAwait(false);
        if (sandbox.Restored) return sandbox; // its processes live, and may hold what the first command would remove
        var watch = Stopwatch.StartNew();
        var first = await sandbox.RunAsync(ExecSpec.Shell(FirstCommand) with { Timeout = TimeSpan.FromMinutes(1) }, null, cancellationToken)
            .ConfigureAwait(false);
        cell.NoteTiming("exec_ms", watch.Elapsed);
        if (first.ExitCode != 0)
            CellLog.FirstCommandFailed(logger, cell.Id, first.ExitCode, System.Text.Encoding.UTF8.GetString(first.Stderr));
        return sandbox;
    }

    public async Task<Sandbox?> TryAttachAsync(LiveCell cell, CancellationToken cancellationToken) =>
        await runtime.AttachAsync(await SpecAsync(cell, null, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Boots sandboxes ahead for cells of a kind, where they are woken from the warm pool.</summary>
    public Task WarmAsync(CellSpec spec, CancellationToken cancellationToken) => spec.IdleTier == PauseTier.Checkpointed
        ? Task.CompletedTask
        : runtime.WarmAsync(Resources(spec), cancellationToken);

    public Task PrepareAsync(string agent, CellSpec spec, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        _ = (Egress(agent, spec), Resources(spec));
        return ImageAsync(spec, progress is null ? null : new Progress(progress), cancellationToken);
    }

    public async Task<string?> FindImageAsync(CellSpec spec, CancellationToken cancellationToken) => (spec.Image switch
    {
        null => await images.FindAsync(new ImageSpec { Packages = spec.Packages }, cancellationToken).ConfigureAwait(false),
        var path when Path.IsPathFullyQualified(path) => images.FindImport(path),
        var name => runtime is DockerRuntime docker ? await docker.FindImageAsync(images, name, cancellationToken).ConfigureAwait(false) : null,
    })?.Digest;

    private async Task<SandboxSpec> SpecAsync(LiveCell cell, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var spec = cell.Spec;
        var egress = Egress(cell.Record.Agent, spec);
        var image = await ImageAsync(spec, progress is null ? null : new Progress(progress), cancellationToken).ConfigureAwait(false);
        _inUse.Note(cell.Id, image.Digest);
        return new SandboxSpec
        {
            Id = new SandboxId(cell.Id),
            Folder = paths.Cell(cell.Id),
            RootFileSystem = image.RootFileSystem,
            Resources = Resources(spec),
            Checkpoints = spec.IdleTier == PauseTier.Checkpointed,
            Egress = egress,
            GitCredentials = GitCredentials(cell),
            OnEgress = cell.NoteEgress,
            Environment = image.Environment,
        };
    }

    private Task<SandboxImage> ImageAsync(CellSpec spec, Progress? progress, CancellationToken cancellationToken) => spec.Image switch
    {
        null => images.GetAsync(new ImageSpec { Packages = spec.Packages }, progress, cancellationToken),
        _ when spec.Packages.Count > 0 => throw new SandboxException("CellSpec.Image and CellSpec.Packages exclude each other: name one."),
        var path when Path.IsPathFullyQualified(path) => images.ImportAsync(path, progress, cancellationToken),
        var name when runtime is DockerRuntime docker => docker.ImportImageAsync(images, name, progress, cancellationToken),
        var name => throw new SandboxException($"CellSpec.Image \"{name}\" is no absolute path, and names of images are for the Docker runtime (OnCellOptions.Runtime)."),
    };

    private static EgressPolicy Egress(string agent, CellSpec spec) => spec.Network is { AirGapped: true, Allow.Count: > 0 }
        ? throw new OnCellException(OnCellError.Invalid,
            $"The cells of {agent} are air-gapped and allow {string.Join(", ", spec.Network.Allow)}: remove the rules, or CellNetwork.AirGapped.")
        : EgressPolicy.Parse(spec.Network.Allow);

    private static SandboxResources Resources(CellSpec spec)
    {
        var (cpus, memory) = CellSize.ParseCompute(spec.Compute);
        return new SandboxResources { Cpus = cpus, MemoryBytes = memory, StorageBytes = CellSize.ParseStorage(spec.Storage) };
    }

    private BoundGitCredentials GitCredentials(LiveCell cell) =>
        new(secrets.Unprotect<List<GitCredentialBinding>>(cell.Record.ProtectedGitCredentials));

    private sealed class Progress(IProgress<CellProgress> inner) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => inner.Report(new CellProgress("image", value.Message));
    }
}
