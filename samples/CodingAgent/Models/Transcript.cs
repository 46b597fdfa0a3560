using System.Text.Json;

namespace CodingSample.Models;

/// <summary>A model's recorded answers to one task.</summary>
/// <param name="RecordedFor">The project and version that the answers were given for.</param>
/// <param name="Answers">The answers.</param>
public sealed record Transcript(string RecordedFor, IReadOnlyList<RecordedAnswer> Answers)
{
    /// <summary>Reads a transcript file.</summary>
    /// <exception cref="InvalidDataException">The file is not a transcript.</exception>
    public static Transcript Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize<Transcript>(file, JsonSerializerOptions.Web)
                is { Answers.Count: > 0 } transcript
                ? transcript
                : throw new InvalidDataException($"{path} holds no recorded answers.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not a transcript: {e.Message}", e);
        }
    }
}

/// <summary>One recorded answer.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="When">The texts which all occur in the request that it answers, and together in no other.</param>
/// <param name="Answer">The answer.</param>
public sealed record RecordedAnswer(string Name, IReadOnlyList<string> When, JsonElement Answer)
{
    /// <summary>Tells whether this answers a request.</summary>
    public bool Fits(string request) => When.All(text => request.Contains(text, StringComparison.Ordinal));
}
