using OnCell.Journaling;
using OnCell.Runs;
using OnCell.Sandboxes;

namespace OnCell;

/// <summary>Copies of the cell's disk, for an agent; each call is a step. They are restored from outside, when the cell is idle.</summary>
public sealed class CellSnapshots
{
    private readonly RunSession _session;

    internal CellSnapshots(RunSession session) => _session = session;

    /// <summary>Copies the disk as it is at this moment. One of the name is kept as it is.</summary>
    /// <param name="name">The name: 1 to 63 of <c>a-z</c>, <c>0-9</c> and <c>-</c>.</param>
    /// <exception cref="StepFailedException">The name cannot be, or the runtime has no snapshots.</exception>
    public Task<SandboxSnapshot> CreateAsync(string name) => _session.StepAsync(new StepSpec<SandboxSnapshot>
    {
        Kind = "snapshot",
        Name = $"create {name}",
        Arguments = [new("name", name)],
        Effect = StepEffect.Idempotent,
        Body = async (_, token) => _session.Cell.ListSnapshots().FirstOrDefault(s => s.Name == name)
            ?? await _session.Cell.CreateSnapshotAsync(name, token).ConfigureAwait(false),
    });

    /// <summary>Lists the copies, oldest first.</summary>
    public Task<IReadOnlyList<SandboxSnapshot>> ListAsync() => _session.StepAsync(new StepSpec<IReadOnlyList<SandboxSnapshot>>
    {
        Kind = "snapshot",
        Name = "list",
        Effect = StepEffect.Read,
        Body = (_, _) => Task.FromResult(_session.Cell.ListSnapshots()),
    });
}
