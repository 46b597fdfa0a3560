using System.Net.Sockets;
using System.Text.Json;
using Anthropic.Exceptions;
using OnCell.Sandboxes;

namespace OnCell.Models;

/// <summary>Says what went wrong below a model's client, whose library has errors of its own.</summary>
internal static class ModelErrors
{
    public static ModelException From(Exception error, string provider)
    {
        var causes = Causes(error).ToList();
        if (causes.OfType<ModelException>().FirstOrDefault() is { } said) return said;
        var who = $"The model provider \"{provider}\"";
        if (causes.OfType<SocketException>().FirstOrDefault() is { } socket)
            return new ModelException(ModelFailure.Unavailable,
                $"{who} cannot be reached: {socket.Message}. Is its address (Endpoint) right, and does it run? It is asked again by itself.", error);
        if (causes.FirstOrDefault(c => c is IOException or HttpRequestException or AnthropicSseException or SandboxException) is { } io)
            return new ModelException(ModelFailure.Unavailable, $"The connection to {LowerFirst(who)} broke: {io.Message.TrimEnd('.')}. It is asked again by itself.", error);
        if (causes.FirstOrDefault(c => c is JsonException or FormatException || c.GetType().Name.Contains("InvalidData", StringComparison.Ordinal)) is { } bad)
            return new ModelException(ModelFailure.BadAnswer, $"{who} sent what its protocol does not know: {bad.Message.TrimEnd('.')}. It is asked again by itself.", error);
        return new ModelException(ModelFailure.Rejected, $"{who} failed: {error.Message}", error);
    }

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException) yield return cause;
    }

    private static string LowerFirst(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
