using System.Security.Cryptography;
using System.Text;
using OnCell.Journaling;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell;

/// <summary>The files of a cell, for an agent. Paths are absolute, or relative to <c>/work</c>; each call is a step.</summary>
/// <remarks>The cell's guest opens every path inside the cell, so neither <c>..</c> nor a link leads to the host.</remarks>
public sealed class CellFiles
{
    /// <summary>The most that <see cref="ReadTextAsync"/> reads.</summary>
    private const int MaxReadBytes = 8 << 20;

    private const int NewFileMode = 0b110_100_100; // rw-r--r--

    private readonly RunSession _session;

    internal CellFiles(RunSession session) => _session = session;

    /// <summary>Reads a text file of at most 8 MiB.</summary>
    /// <returns>The text, or <see langword="null"/> where there is no such file.</returns>
    /// <exception cref="SandboxException">The file is larger, or is no file.</exception>
    public async Task<string?> ReadTextAsync(string path)
    {
        // A missing file is a result like another: kept as an empty list, so that a replay sees the same.
        var content = await StepAsync<IReadOnlyList<string>>("read", path, [], StepEffect.Read, async (files, token) =>
        {
            try
            {
                return [Encoding.UTF8.GetString(await files.ReadAsync(path, MaxReadBytes, token).ConfigureAwait(false))];
            }
            catch (FileNotFoundException)
            {
                return [];
            }
        }).ConfigureAwait(false);
        return content is [var text] ? text : null;
    }

    /// <summary>Replaces or creates a text file, and missing folders above it. Never leaves half a file; permissions stay.</summary>
    public Task WriteAsync(string path, string text) =>
        StepAsync("write", path, [new("text", text)], StepEffect.Idempotent,
            (files, token) => WriteAsync(files, path, Encoding.UTF8.GetBytes(text), token));

    /// <summary>Reads a file of at most 8 MiB.</summary>
    /// <returns>The bytes, or <see langword="null"/> where there is no such file.</returns>
    /// <exception cref="StepFailedException">The file is larger, or is no file.</exception>
    public async Task<byte[]?> ReadBytesAsync(string path)
    {
        var content = await StepAsync<IReadOnlyList<byte[]>>("read bytes", path, [], StepEffect.Read, async (files, token) =>
        {
            try
            {
                return [await files.ReadAsync(path, MaxReadBytes, token).ConfigureAwait(false)];
            }
            catch (FileNotFoundException)
            {
                return [];
            }
        }).ConfigureAwait(false);
        return content is [var bytes] ? bytes : null;
    }

    /// <summary>Replaces or creates a file, and missing folders above it. Never leaves half a file; permissions stay.</summary>
    public Task WriteBytesAsync(string path, ReadOnlyMemory<byte> content) =>
        StepAsync("write bytes", path, [new("sha256", Convert.ToHexStringLower(SHA256.HashData(content.Span)))], StepEffect.Idempotent,
            (files, token) => WriteAsync(files, path, content, token));

    /// <summary>Describes a file or folder; links are not followed.</summary>
    /// <returns>What it is, or <see langword="null"/> where there is nothing.</returns>
    public async Task<SandboxFile?> StatAsync(string path) =>
        await StepAsync<SandboxFile?>("stat", path, [], StepEffect.Read, (files, token) => files.StatAsync(path, token)).ConfigureAwait(false);

    /// <summary>Moves a file or folder. A file at the target is replaced.</summary>
    /// <exception cref="StepFailedException">There is nothing to move.</exception>
    public Task MoveAsync(string from, string to) => _session.StepAsync(new StepSpec<bool>
    {
        Kind = "file",
        Name = $"move {from} to {to}",
        Arguments = [new("from", from), new("to", to)],
        Effect = StepEffect.Reattach,
        Body = async (execution, token) =>
        {
            var files = (await _session.Cell.GetSandboxAsync(token).ConfigureAwait(false)).Files;

            // In doubt, the source is gone where it was moved already.
            var moved = execution.InDoubt
                && await files.StatAsync(from, token).ConfigureAwait(false) is null
                && await files.StatAsync(to, token).ConfigureAwait(false) is not null;
            if (moved) return true;
            await files.MoveAsync(from, to, token).ConfigureAwait(false);
            return true;
        },
    });

    /// <summary>Lists a folder.</summary>
    public Task<IReadOnlyList<SandboxFile>> ListAsync(string path = ".") =>
        StepAsync("list", path, [], StepEffect.Read, (files, token) => files.ListAsync(path, token));

    /// <summary>Removes a file, or a folder with all in it. Nothing there is not an error.</summary>
    public Task RemoveAsync(string path) =>
        StepAsync("remove", path, [], StepEffect.Idempotent, async (files, token) =>
        {
            await files.RemoveAsync(path, token).ConfigureAwait(false);
            return true;
        });

    private static async Task<bool> WriteAsync(SandboxFiles files, string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var old = await files.StatAsync(path, cancellationToken).ConfigureAwait(false);
        var mode = old is { Kind: SandboxFileKind.File } ? old.Mode : NewFileMode;
        await files.WriteAsync(path, content, mode, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task<T> StepAsync<T>(
        string verb, string path, List<StepArgument> arguments, StepEffect effect,
        Func<SandboxFiles, CancellationToken, Task<T>> body) =>
        _session.StepAsync(new StepSpec<T>
        {
            Kind = "file",
            Name = $"{verb} {path}",
            Arguments = [new("path", path), .. arguments],
            Effect = effect,
            Body = async (_, token) =>
            {
                var sandbox = await _session.Cell.GetSandboxAsync(token).ConfigureAwait(false);
                return await body(sandbox.Files, token).ConfigureAwait(false);
            },
        });
}
