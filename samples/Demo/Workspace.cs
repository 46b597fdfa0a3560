using OnCell.Demo.Service;

namespace OnCell.Demo;

/// <summary>The folders of one run of the demo. One run at a time may use a home.</summary>
public sealed class Workspace : IDisposable
{
    /// <summary>The name of the customer's repository on the git host.</summary>
    public const string RepositoryName = "sortedcontainers.git";

    private readonly FileStream _lock;
    private readonly string _home;
    private readonly string _folder;

    /// <summary>Makes the folders anew; what is downloaded and built stays.</summary>
    /// <exception cref="ToolException">Another run uses this home.</exception>
    public Workspace(string home)
    {
        _home = home;
        _folder = Path.Combine(home, "run");
        Directory.CreateDirectory(home);
        try
        {
            _lock = new FileStream(Path.Combine(home, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new ToolException($"Another run of the demo uses {home}; wait for its end, or give this one its own --home.");
        }

        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        Directory.CreateDirectory(Repositories);
    }

    /// <summary>Gets the folder that the git host serves.</summary>
    public string Repositories => Path.Combine(_folder, "git");

    /// <summary>Gets the customer's bare repository.</summary>
    public string BareRepository => Path.Combine(Repositories, RepositoryName);

    /// <summary>Gets the file that counts the model's calls.</summary>
    public string Ledger => Path.Combine(_folder, "model-calls.jsonl");

    /// <summary>Gets how the service is started.</summary>
    public ServiceOptions ServiceOptions(int gitPort, IReadOnlyList<string> packages) => new()
    {
        DataRoot = Path.Combine(_home, "data"),
        Ledger = Ledger,
        Log = Path.Combine(_folder, "service.log"),
        GitPort = gitPort,
        Packages = packages,
    };

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
