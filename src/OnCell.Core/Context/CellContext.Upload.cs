using OnCell.Journaling;
using OnCell.Runs;

namespace OnCell;

/// <content>Bringing files into the cell.</content>
public sealed partial class CellContext
{
    /// <summary>Copies a file of the service's host into the cell.</summary>
    /// <param name="path">Where to in the cell: absolute, or relative to <c>/work</c>. What is there is replaced, never half.</param>
    /// <param name="from">The file on the host. Never take its path from a customer, a model or a repository.</param>
    /// <param name="options">Limits, and the hash that it must have.</param>
    /// <exception cref="StepFailedException">It is not there, is larger than allowed, or has another hash; nothing was written.</exception>
    public Task<UploadReport> UploadAsync(string path, FileInfo from, UploadOptions? options = null) =>
        UploadStep.RunAsync(_session, path, from, options ?? new UploadOptions());

    /// <summary>Fetches an address into the cell, by the cell's own rules of what may be reached, and as one of its egress events.</summary>
    /// <param name="path">Where to in the cell: absolute, or relative to <c>/work</c>. What is there is replaced, never half.</param>
    /// <param name="from">The address, http or https.</param>
    /// <param name="options">Limits, and the hash that it must have.</param>
    /// <exception cref="StepFailedException">The rules do not allow it, it is larger than allowed, or has another hash; nothing was written.</exception>
    public Task<UploadReport> UploadAsync(string path, Uri from, UploadOptions? options = null) =>
        UploadStep.RunAsync(_session, path, from, options ?? new UploadOptions());
}
