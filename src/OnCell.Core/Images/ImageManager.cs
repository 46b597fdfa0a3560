using Microsoft.Extensions.Logging;
using OnCell.Cells;
using OnCell.Hosting;
using OnCell.Models;
using OnCell.Sandboxes.Images;

namespace OnCell.Images;

/// <summary>The public verbs over the image store, with what only the service knows: who uses an image.</summary>
internal sealed class ImageManager(CellHost host, ImageStore images, IEnumerable<ModelRegistration> models, ILogger<ImageManager> logger) : IImages
{
    /// <summary>An image is asked for a moment before its cell is noted; in between nobody may take it for unused.</summary>
    private static readonly TimeSpan JustAsked = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private CellServices Services => host.Cells.Services;

    public async Task<IReadOnlyList<ImageInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var users = await FindUsersAsync(cancellationToken).ConfigureAwait(false);
        return [.. (await images.ListStoredAsync(cancellationToken).ConfigureAwait(false))
            .OrderByDescending(i => i.LastUsed).ThenBy(i => i.Image.Digest, StringComparer.Ordinal)
            .Select(i => Info(i, users))];
    }

    public async Task<IReadOnlyList<ImageInfo>> BuildAsync(
        string? agent, string? environment, IProgress<CellProgress>? progress, CancellationToken cancellationToken)
    {
        var agents = new AgentImages(Services, logger);
        var wanted = Choose(agents, agent, environment);
        var failures = new List<(ImageUser Agent, Exception Error)>();
        var built = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in wanted)
        {
            try
            {
                var spec = agents.SpecOf(one);
                progress?.Report(new CellProgress("agent", $"{Named(one)}: {Contents(spec)}"));
                await Services.Sandboxes.PrepareAsync(one.Agent, spec, progress, cancellationToken).ConfigureAwait(false);
                if (await Services.Sandboxes.FindImageAsync(spec, cancellationToken).ConfigureAwait(false) is { } digest) built.Add(digest);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                progress?.Report(new CellProgress("failed", $"{Named(one)}: {e.Message}"));
                failures.Add((one, e));
            }
        }

        if (failures is [var (_, first), ..])
            throw new OnCellException(
                (first as OnCellException)?.Error ?? OnCellError.Failed,
                string.Join(' ', failures.Select(f => $"The image of {Named(f.Agent)} cannot be built: {f.Error.Message}")), first);
        return [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Where(i => built.Contains(i.Digest))];
    }

    public async Task<ImagePruning> PruneAsync(TimeSpan unusedFor, bool dryRun, CancellationToken cancellationToken)
    {
        if (unusedFor < TimeSpan.Zero || unusedFor > Longest)
            throw new OnCellException(OnCellError.Invalid, $"An image may be unused for 0 to {Longest.TotalDays:#,0} days.") { Field = "unusedForDays" };
        var users = await FindUsersAsync(cancellationToken).ConfigureAwait(false);
        var stored = (await images.ListStoredAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(i => i.Image.Digest, StringComparer.Ordinal);
        var age = unusedFor > JustAsked ? unusedFor : JustAsked;
        var gone = dryRun
            ? await images.FindUnusedAsync(users.Digests, age, cancellationToken).ConfigureAwait(false)
            : await images.PruneAsync(users.Digests, age, cancellationToken).ConfigureAwait(false);

        // One that came between the two looks was just asked for and is not among those that go.
        var infos = gone.Where(i => stored.ContainsKey(i.Digest)).Select(i => Info(stored[i.Digest], users)).ToArray();
        if (!dryRun)
        {
            foreach (var image in infos) ImageLog.Pruned(logger, image.Digest, image.Origin ?? string.Join(' ', image.Packages), image.Bytes);
        }

        return new ImagePruning(dryRun, infos.Sum(i => i.Bytes), infos);
    }

    private IReadOnlyList<ImageUser> Choose(AgentImages agents, string? agent, string? environment)
    {
        if (agent is null)
        {
            return environment is null
                ? agents.All
                : throw new OnCellException(OnCellError.Invalid, "\"environment\" goes with \"agent\": without one the images of all agents are built.") { Field = "environment" };
        }

        if (environment is not null) Deployments.DeploymentManager.DemandName(environment, "environment");
        return [new ImageUser(Services.Agents.Get(environment ?? Placement.Production, agent).Name, environment ?? Placement.Production)];
    }

    private async Task<ImageUsers> FindUsersAsync(CancellationToken cancellationToken) => new(
        await new AgentImages(Services, logger).FindAsync(cancellationToken).ConfigureAwait(false),
        ByDigest(new ImagesInUse(Services.Paths.Cells).Read()),
        // A model that is no longer registered leaves its folder behind, and uses nothing.
        ByDigest(new ImagesInUse(Services.Paths.Models).Read().Where(m => models.Any(known => known.Name == m.Key))));

    private static ILookup<string, string> ByDigest(IEnumerable<KeyValuePair<string, string>> notes) =>
        notes.OrderBy(n => n.Key, StringComparer.Ordinal).ToLookup(n => n.Value, n => n.Key, StringComparer.Ordinal);

    private static ImageInfo Info(StoredImage stored, ImageUsers users) => new()
    {
        Digest = stored.Image.Digest,
        Suite = stored.Image.Suite,
        Packages = stored.Image.Packages,
        Origin = stored.Image.Origin,
        Bytes = stored.Bytes,
        LastUsed = stored.LastUsed,
        Agents = [.. users.Agents[stored.Image.Digest]],
        Cells = [.. users.Cells[stored.Image.Digest]],
        Models = [.. users.Models[stored.Image.Digest]],
    };

    private static string Named(ImageUser agent) => agent.Environment is null or Placement.Production ? agent.Agent : $"{agent.Agent} of {agent.Environment}";

    private static string Contents(CellSpec spec) => spec.Image ?? (spec.Packages.Count == 0 ? "no packages of its own" : string.Join(", ", spec.Packages));

    private sealed record ImageUsers(ILookup<string, ImageUser> Agents, ILookup<string, string> Cells, ILookup<string, string> Models)
    {
        public IReadOnlySet<string> Digests { get; } = Agents.Select(a => a.Key).Concat(Cells.Select(c => c.Key)).Concat(Models.Select(m => m.Key)).ToHashSet(StringComparer.Ordinal);
    }
}
