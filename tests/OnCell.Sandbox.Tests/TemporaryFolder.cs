namespace OnCell.Sandbox.Tests;

/// <summary>A folder of one test, removed with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal TemporaryFolder(string parent = "/var/tmp") =>
        Path = Directory.CreateDirectory($"{parent}/oncell-test-{Guid.NewGuid().ToString("N")[..8]}").FullName;

    internal string Path { get; }

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
