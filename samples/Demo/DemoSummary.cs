using System.Text.Json;

namespace OnCell.Demo;

/// <summary>What came of it, for programs.</summary>
public sealed record DemoSummary
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <summary>Gets whether all of it held.</summary>
    public bool Ok => Problems.Count == 0;

    /// <summary>Gets what did not hold.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Gets the model.</summary>
    public required string Model { get; init; }

    /// <summary>Gets the project and its version.</summary>
    public required string Project { get; init; }

    /// <summary>Gets the number of kills.</summary>
    public required int Kills { get; init; }

    /// <summary>Gets how many running commands were taken up again instead of started again.</summary>
    public required int ReattachedSteps { get; init; }

    /// <summary>Gets how many finished steps came back from the journal after a restart.</summary>
    public required int ReplayedSteps { get; init; }

    /// <summary>Gets how many finished commands ran a second time.</summary>
    public required int StepsRunTwice { get; init; }

    /// <summary>Gets how many model calls were paid for.</summary>
    public required int ModelCalls { get; init; }

    /// <summary>Gets how many model calls were paid for twice.</summary>
    public required int ModelCallsPaidTwice { get; init; }

    /// <summary>Gets how many commits arrived on the branch.</summary>
    public required int PushedCommits { get; init; }

    /// <summary>Gets how many processes, mounts, loop devices, sockets and cgroups were left.</summary>
    public required int Orphans { get; init; }

    /// <summary>Gets the whole time in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets the cell's figures in milliseconds.</summary>
    public required IReadOnlyDictionary<string, double> Cell { get; init; }

    /// <summary>Gets the steps.</summary>
    public required IReadOnlyList<StepRow> Steps { get; init; }

    /// <summary>Writes it as JSON.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
}

/// <summary>One step of the run.</summary>
public sealed record StepRow(
    string Position, string Kind, string Name, string How, int Attempts, int Replays, double Milliseconds);
