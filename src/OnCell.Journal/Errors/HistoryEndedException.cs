namespace OnCell.Journaling;

/// <summary>A replay came to a step that the stored run has not ended; nothing is executed in a replay.</summary>
internal sealed class HistoryEndedException(string message, string position) : RunSuspendedException(message)
{
    public string Position { get; } = position;
}
