namespace OnCell.Journaling;

/// <summary>How a wait for a signal ended.</summary>
/// <typeparam name="T">The type of the payload.</typeparam>
/// <param name="Received">Whether the signal came; otherwise the time was up.</param>
/// <param name="Payload">The signal's payload.</param>
public sealed record SignalResult<T>(bool Received, T? Payload);
