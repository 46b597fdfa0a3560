using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace OnCell;

/// <summary>The one JSON form of OnCell: camel case, enums as camel-case text, absent rather than null.</summary>
public static class OnCellJson
{
    private static readonly ConditionalWeakTable<Assembly, JsonSerializerOptions> Deployed = [];

    /// <summary>Gets the options. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>Gets the options for a type. Options remember every type they met: those of a deployed agent are forgotten with it.</summary>
    internal static JsonSerializerOptions For<T>() => Form<T>.Options;

    /// <summary>Gets the options for what an assembly declares, which are forgotten with one that is unloaded.</summary>
    internal static JsonSerializerOptions For(Assembly assembly) =>
        assembly.IsCollectible ? Deployed.GetValue(assembly, static _ => Create()) : Options;

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };
        options.MakeReadOnly();
        return options;
    }

    private static class Form<T>
    {
        public static readonly JsonSerializerOptions Options = typeof(T).IsCollectible ? Create() : OnCellJson.Options;
    }
}
