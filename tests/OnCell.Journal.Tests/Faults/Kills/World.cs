using System.Text;

namespace OnCell.Journal.Tests.Faults.Kills;

/// <summary>
/// The world outside of the journal: what was really done and what was acknowledged, in the order it happened. Each line is
/// one append, so it is there once the call returns even if the process is killed in the next instruction.
/// </summary>
internal sealed class World(string path)
{
    private readonly object _gate = new();

    public void Do(string run, string position, StepEffect effect, string key) => Append($"do {run} {position} {effect} {key}");

    public void Acknowledge(string run, string position) => Append($"ack {run} {position}");

    public bool HasKey(string key) => Lines().Any(line => line is ["do", .., var last] && last == key);

    public bool HasEffect(string run, string position) => Lines().Any(line => line is ["do", var r, var p, ..] && r == run && p == position);

    public List<string[]> Lines()
    {
        lock (_gate)
            return File.Exists(path) ? [.. File.ReadLines(path).Select(static line => line.Split(' '))] : [];
    }

    private void Append(string line)
    {
        lock (_gate)
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }
}
