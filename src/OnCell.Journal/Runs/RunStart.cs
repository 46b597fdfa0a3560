namespace OnCell.Journaling;

/// <summary>What a run is started with.</summary>
/// <param name="Id">The run's id, 1 to 200 characters, unique in the journal; the idempotency key of the start.</param>
/// <param name="Method">What is executed, such as <c>CodingAgent.task</c>.</param>
/// <param name="InputJson">The input as JSON; part of the idempotency check.</param>
/// <param name="CodeVersion">The version of the code that starts the run, kept for people and for replay tests.</param>
public sealed record RunStart(string Id, string Method, string InputJson, string CodeVersion);
