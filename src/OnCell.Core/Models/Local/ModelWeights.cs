using Microsoft.Extensions.Logging;
using OnCell.Indexing;

namespace OnCell.Models.Local;

/// <summary>The weights of a model on this host: a file of its own, or one that is pinned and fetched when the model is first asked.</summary>
/// <param name="Options">The type whose properties <c>Weights</c>, <c>File</c> and <c>Source</c> say it, for what is told to people.</param>
/// <param name="Path">A GGUF file.</param>
/// <param name="File">The pinned file.</param>
/// <param name="Source">Where the pinned file is kept.</param>
internal sealed record ModelWeights(string Options, string? Path, ModelFile? File, ModelSourceOptions? Source)
{
    /// <summary>Says what is wrong with how they are named; nothing where all is well.</summary>
    public IEnumerable<string> Faults()
    {
        if ((Path is null) == (File is null)) yield return "Set Weights to a GGUF file's path, or File and Source.";
        if (File is not null && Source is null) yield return "Source must say where File is kept.";
    }

    /// <summary>Gets the file, fetched first where it is not there yet.</summary>
    /// <exception cref="ModelException">It is missing, or cannot be had as it was pinned.</exception>
    public async Task<string> GetAsync(string model, ILogger logger, CancellationToken cancellationToken)
    {
        if (Path is not null)
        {
            var path = System.IO.Path.GetFullPath(Path);
            return System.IO.File.Exists(path) ? path : throw new ModelException(ModelFailure.Rejected,
                $"The weights of the model \"{model}\" are not there: {path}. Set {Options}.Weights to a GGUF file.");
        }

        using var source = new ModelSource(Source!);
        try
        {
            return await source.GetAsync(File!, new LogProgress(model, logger), cancellationToken).ConfigureAwait(false);
        }
        catch (CodeIndexException e)
        {
            throw new ModelException(ModelFailure.Rejected, $"The weights of the model \"{model}\" cannot be had: {e.Message}", e);
        }
    }

    private sealed class LogProgress(string name, ILogger logger) : IProgress<ModelProgress>
    {
        private string _phase = "";

        public void Report(ModelProgress value)
        {
            if (value.Phase == _phase) return;
            _phase = value.Phase;
            LocalModelLog.Fetching(logger, name, value.Phase, value.BytesTotal >> 20);
        }
    }
}
