using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OnCell.Client.Errors;

namespace OnCell.Client.Json;

/// <summary>The JSON of the API, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(TextEnumConverter<CellState>), typeof(TextEnumConverter<PauseTier>),
        typeof(TextEnumConverter<RunState>), typeof(TextEnumConverter<StepState>),
    ])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Cell))]
[JsonSerializable(typeof(IReadOnlyList<Cell>))]
[JsonSerializable(typeof(CellDetails))]
[JsonSerializable(typeof(CellProgress))]
[JsonSerializable(typeof(NewCustomer))]
[JsonSerializable(typeof(NewFork))]
[JsonSerializable(typeof(NewSnapshot))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(CustomerQuotas))]
[JsonSerializable(typeof(QuotaState))]
[JsonSerializable(typeof(Usage))]
[JsonSerializable(typeof(IReadOnlyList<Snapshot>))]
[JsonSerializable(typeof(Deployments))]
[JsonSerializable(typeof(Placement))]
[JsonSerializable(typeof(IReadOnlyList<Placement>))]
[JsonSerializable(typeof(NewPromotion))]
[JsonSerializable(typeof(NewRollback))]
[JsonSerializable(typeof(IReadOnlyList<Image>))]
[JsonSerializable(typeof(NewBuild))]
[JsonSerializable(typeof(BuiltImages))]
[JsonSerializable(typeof(NewPruning))]
[JsonSerializable(typeof(ImagePruning))]
[JsonSerializable(typeof(NewWebhook))]
[JsonSerializable(typeof(WebhookRequest))]
[JsonSerializable(typeof(IReadOnlyList<Webhook>))]
[JsonSerializable(typeof(IReadOnlyList<WebhookDelivery>))]
[JsonSerializable(typeof(Run))]
[JsonSerializable(typeof(IReadOnlyList<Run>))]
[JsonSerializable(typeof(IReadOnlyList<Step>))]
[JsonSerializable(typeof(RunRequest))]
[JsonSerializable(typeof(IReadOnlyList<Secret>))]
[JsonSerializable(typeof(SecretValue))]
[JsonSerializable(typeof(Caller))]
[JsonSerializable(typeof(HostReport))]
[JsonSerializable(typeof(ShellEnd))]
[JsonSerializable(typeof(ShellCommand))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ClientJson : JsonSerializerContext;
