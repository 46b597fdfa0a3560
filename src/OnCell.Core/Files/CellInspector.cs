using System.Text;
using OnCell.Hosting;
using OnCell.Sandboxes;

namespace OnCell.Files;

/// <summary>Files and events of a cell, for its operators.</summary>
internal sealed class CellInspector(CellHost host) : ICellInspector
{
    private const int MaxPathLength = 4096;

    public Task<IReadOnlyList<SandboxFile>> ListFilesAsync(string customer, string path, CancellationToken cancellationToken) =>
        UseAsync(customer, path, (files, token) => files.ListAsync(path, token), cancellationToken);

    public async Task<byte[]> ReadFileAsync(string customer, string path, int maxBytes, CancellationToken cancellationToken)
    {
        var content = await UseAsync(customer, path, (files, token) => files.ReadAsync(path, maxBytes, token), cancellationToken)
            .ConfigureAwait(false);
        var redactor = host.Cells.Get(customer).Secrets.Redactor;
        if (redactor.IsEmpty) return content;

        // Byte for byte, so that a file that is no text stays what it is.
        var text = Encoding.Latin1.GetString(content);
        var clean = redactor.Redact(text);
        return ReferenceEquals(clean, text) ? content : Encoding.Latin1.GetBytes(clean);
    }

    public IReadOnlyList<CellEvent> ListEvents(string customer, long afterSequence) => host.Cells.Get(customer).Feed.List(afterSequence);

    public IAsyncEnumerable<CellEvent> FollowEventsAsync(string customer, long afterSequence, CancellationToken cancellationToken) =>
        host.Cells.Get(customer).Feed.FollowAsync(afterSequence, cancellationToken);

    private async Task<T> UseAsync<T>(
        string customer, string path, Func<SandboxFiles, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        if (path.Length is 0 or > MaxPathLength || path.Contains('\0'))
            throw Refused(OnCellError.Invalid, $"A path has 1 to {MaxPathLength} characters, and no zero byte.");
        var cell = host.Cells.Get(customer);
        cell.ThrowIfNotReady();
        using var lease = await cell.AcquireAsync(cancellationToken).ConfigureAwait(false);
        var sandbox = await cell.GetSandboxAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await use(sandbox.Files, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Refused(OnCellError.NotFound, $"The cell of \"{customer}\" has no \"{path}\".", e);
        }
        catch (Exception e) when (e is not SandboxLostException and not SandboxDisconnectedException && e is SandboxException or IOException)
        {
            throw Refused(OnCellError.Invalid, $"\"{path}\" cannot be shown: {e.Message}", e);
        }
    }

    private static OnCellException Refused(OnCellError error, string message, Exception? cause = null) =>
        new(error, message, cause) { Field = "path" };
}
