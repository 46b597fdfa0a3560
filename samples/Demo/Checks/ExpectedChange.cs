using CodingSample;
using CodingSample.Models;
using System.Text.Json;

namespace OnCell.Demo.Checks;

/// <summary>What the branch must hold: the recorded edits, applied here to the project itself.</summary>
public static class ExpectedChange
{
    /// <summary>Gets the expected text of every changed file.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> FromAsync(
        Transcript transcript, string projectFolder, CancellationToken cancellationToken)
    {
        var edits = transcript.Answers
            .Where(answer => answer.Answer.TryGetProperty("edits", out _))
            .SelectMany(answer => answer.Answer.Deserialize<ChangeSet>(JsonSerializerOptions.Web)!.Edits)
            .ToList();
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in edits.Select(edit => edit.Path).Distinct(StringComparer.Ordinal))
            files[path] = await File.ReadAllTextAsync(Path.Combine(projectFolder, path), cancellationToken);

        var misfits = ChangeApplier.Apply(edits, files, out var changed);
        return misfits.Count == 0
            ? changed
            : throw new ToolException($"The transcript, recorded for {transcript.RecordedFor}, does not fit the project fetched:\n{string.Join('\n', misfits)}");
    }
}
