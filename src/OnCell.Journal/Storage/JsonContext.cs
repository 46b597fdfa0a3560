using System.Text.Json.Serialization;

namespace OnCell.Journaling;

/// <summary>The contracts of the journal's own JSON.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IEnumerable<string>))]
[JsonSerializable(typeof(RunError))]
internal sealed partial class JsonContext : JsonSerializerContext;
