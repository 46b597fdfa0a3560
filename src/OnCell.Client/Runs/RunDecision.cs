using System.Text.Json.Nodes;

namespace OnCell.Client;

/// <summary>What a person decides on a step of which nobody knows whether it took place.</summary>
public abstract record RunDecision
{
    private RunDecision()
    {
    }

    internal abstract void WriteTo(JsonObject body);

    /// <summary>It did not take place: run it.</summary>
    public sealed record RunAgain : RunDecision
    {
        internal override void WriteTo(JsonObject body) => body["decision"] = "runAgain";
    }

    /// <summary>It took place, or is not wanted: go on with this result.</summary>
    /// <param name="Result">The result.</param>
    public sealed record Skip(JsonNode? Result) : RunDecision
    {
        internal override void WriteTo(JsonObject body)
        {
            body["decision"] = "skip";
            body["result"] = Result?.DeepClone();
        }
    }

    /// <summary>The step fails.</summary>
    /// <param name="Message">Why.</param>
    public sealed record Fail(string Message) : RunDecision
    {
        internal override void WriteTo(JsonObject body)
        {
            body["decision"] = "fail";
            body["message"] = Message;
        }
    }
}
