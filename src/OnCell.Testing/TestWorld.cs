using OnCell.Testing.Crashes;
using OnCell.Testing.Sandboxes;

namespace OnCell.Testing;

/// <summary>What outlives the service of a test: its data, the cell's files and commands, the model.</summary>
internal sealed class TestWorld : IDisposable
{
    private readonly string _folder;

    public TestWorld()
    {
        // Memory where there is such a folder: a test is not about this disk.
        var parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        _folder = Path.Combine(parent, $"oncell-test-{Guid.NewGuid():n}");
        Directory.CreateDirectory(WorkFolder);
        Directory.CreateDirectory(RootFolder);
        Crashes = new CrashPoint();
        Shell = new FakeShell();
        Model = new ScriptedModel(Crashes);
        Guest = new FakeGuest(this);
    }

    public string DataRoot => Path.Combine(_folder, "data");

    public string WorkFolder => Path.Combine(_folder, "work");

    /// <summary>Gets what stands for the cell's file system outside of <c>/work</c>.</summary>
    public string RootFolder => Path.Combine(_folder, "root");

    public CrashPoint Crashes { get; }

    public FakeShell Shell { get; }

    public ScriptedModel Model { get; }

    public FakeGuest Guest { get; }

    public void Dispose()
    {
        Crashes.Dispose();
        Model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
