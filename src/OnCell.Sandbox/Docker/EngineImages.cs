using Docker.DotNet.Models;
using OnCell.Sandboxes.Images;

namespace OnCell.Sandboxes.Docker;

/// <summary>Brings an image of the engine into the image store, so that a cell of it is as any other.</summary>
internal static class EngineImages
{
    /// <exception cref="SandboxException">There is no such image and it cannot be pulled, or it cannot be used.</exception>
    internal static async Task<SandboxImage> ImportAsync(
        DockerEngine engine, ImageStore store, string name, TimeSpan timeout, IProgress<ImageProgress>? progress, CancellationToken cancellationToken)
    {
        var id = await FindAsync(engine, name, cancellationToken).ConfigureAwait(false);
        if (id is null)
        {
            progress?.Report(new ImageProgress("pull", $"pulling {name}"));
            await PullAsync(engine, name, timeout, progress, cancellationToken).ConfigureAwait(false);
            id = await FindAsync(engine, name, cancellationToken).ConfigureAwait(false);
        }

        // Every start of a cell comes here, and saving an image takes seconds for each gigabyte.
        if (id is not null && store.TakeImported(id) is { } known)
            return known;
        progress?.Report(new ImageProgress("import", $"saving {name}"));
        var archive = Path.GetTempFileName(); // of this user alone
        try
        {
            await engine.CallAsync(
                $"save image {name}", timeout,
                async (client, token) =>
                {
                    using var saved = await client.Images.SaveImageAsync(name, token).ConfigureAwait(false);
                    using var file = File.Create(archive);
                    await saved.CopyToAsync(file, token).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            return await store.ImportAsync(archive, name, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    /// <summary>Finds an image of the engine in the image store, where it was brought there before. Nothing is pulled.</summary>
    internal static async Task<SandboxImage?> FindImportedAsync(DockerEngine engine, ImageStore store, string name, CancellationToken cancellationToken) =>
        await FindAsync(engine, name, cancellationToken).ConfigureAwait(false) is { } id ? store.FindImported(id) : null;

    // An engine of the classic kind names an image by its configuration, as the store does; to another kind nothing here is known.
    private static async Task<string?> FindAsync(DockerEngine engine, string name, CancellationToken cancellationToken)
    {
        try
        {
            var found = await engine.CallAsync("look at an image", (client, token) => client.Images.InspectImageAsync(name, token), cancellationToken)
                .ConfigureAwait(false);
            return found.ID;
        }
        catch (DockerEngineException error) when (error.NotFound)
        {
            return null;
        }
    }

    private static Task<bool> PullAsync(
        DockerEngine engine, string name, TimeSpan timeout, IProgress<ImageProgress>? progress, CancellationToken cancellationToken)
    {
        // A name without a tag would pull all tags.
        var tagged = name.LastIndexOf(':') > name.LastIndexOf('/') || name.Contains('@', StringComparison.Ordinal) ? name : name + ":latest";
        return engine.CallAsync(
            $"pull image {name}", timeout,
            async (client, token) =>
            {
                await client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = tagged }, null, new PullProgress(progress), token).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    private sealed class PullProgress(IProgress<ImageProgress>? progress) : IProgress<JSONMessage>
    {
        public void Report(JSONMessage value)
        {
            if (value.Status is { Length: > 0 } status && value.Progress is null) // bars come many times a second
                progress?.Report(new ImageProgress("pull", value.ID is { Length: > 0 } id ? $"{id}: {status}" : status));
        }
    }
}
