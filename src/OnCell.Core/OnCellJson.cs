using System.Text.Json;
using System.Text.Json.Serialization;

namespace OnCell;

/// <summary>The one JSON form of OnCell: camel case, enums as camel-case text, absent rather than null.</summary>
public static class OnCellJson
{
    /// <summary>Gets the options. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
