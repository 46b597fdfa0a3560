namespace OnCell.Demo.Project;

/// <summary>The real public project that the agent works on: a Debian source package with its own tests.</summary>
/// <param name="Version">Its Debian version.</param>
/// <param name="Folder">Its unpacked source, with one commit of it in a git repository.</param>
public sealed record SampleProject(string Version, string Folder)
{
    /// <summary>The source package.</summary>
    public const string Package = "sortedcontainers";

    /// <summary>The Debian release it is taken from.</summary>
    public const string Suite = "bookworm";

    /// <summary>The packages its tests need in the cell.</summary>
    public static IReadOnlyList<string> CellPackages { get; } = ["git", "python3", "python3-pytest"];

    /// <summary>The project's stress programs and then its whole test suite, which its own tox.ini configures.</summary>
    public const string TestCommand =
        "export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1; " +
        "for kind in list keylist dict set; do python3 -m tests.test_stress_sorted$kind 1500 || exit; done; " +
        "python3 -m pytest -p no:cacheprovider";

    /// <summary>One file of the test suite, for many quick rounds.</summary>
    public const string QuickTestCommand =
        "PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 python3 -m pytest -q -p no:cacheprovider tests/test_coverage_sortedlist.py";

    /// <summary>The change that is asked for.</summary>
    public const string Instruction =
        "Add a method pop_range(minimum=None, maximum=None, inclusive=(True, True)) to SortedList and SortedKeyList that " +
        "removes every value between minimum and maximum and returns the removed values as a list in sorted order. The " +
        "arguments mean what they mean for irange. Document it and test it.";

    /// <summary>Gets the project out of the cache, or fetches it once.</summary>
    /// <exception cref="ToolException">It could not be fetched.</exception>
    public static async Task<SampleProject> PrepareAsync(string cache, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(cache, $"{Package}-{Suite}");
        var versionFile = Path.Combine(cache, $"{Package}-{Suite}.version");
        Directory.CreateDirectory(cache);
        await using var turn = await TakeTurnAsync(Path.Combine(cache, $"{Package}-{Suite}.lock"), cancellationToken);
        if (!File.Exists(versionFile) || !Directory.Exists(Path.Combine(folder, ".git")))
        {
            var fetch = Path.Combine(AppContext.BaseDirectory, "Project", "fetch-project");
            var version = (await Tool.RunAsync("bash", [fetch, Package, Suite, folder], cancellationToken)).Trim();
            await Git(["init", "--quiet", "--initial-branch=main"]);
            await Git(["add", "--all"]);
            await Git(
            [
                "-c", "user.name=OnCell demo", "-c", "user.email=demo@oncell.invalid", "-c", "commit.gpgsign=false",
                "commit", "--quiet", "-m", $"Import {Package} {version} of Debian {Suite}",
            ]);
            await File.WriteAllTextAsync(versionFile, version, cancellationToken);
        }

        return new(await File.ReadAllTextAsync(versionFile, cancellationToken), folder);

        Task<string> Git(string[] arguments) => Tool.RunAsync("git", ["-C", folder, .. arguments], cancellationToken);
    }

    /// <summary>One fetches it, in whichever process; the others find it fetched.</summary>
    private static async Task<FileStream> TakeTurnAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    /// <summary>Makes a bare repository that holds the project on its branch <c>main</c>.</summary>
    public async Task PublishAsync(string bareRepository, CancellationToken cancellationToken)
    {
        await Tool.RunAsync("git", ["init", "--quiet", "--bare", "--initial-branch=main", bareRepository], cancellationToken);
        await Tool.RunAsync("git", ["-C", Folder, "push", "--quiet", bareRepository, "HEAD:refs/heads/main"], cancellationToken);
        await Tool.RunAsync("git", ["-C", bareRepository, "config", "http.receivepack", "true"], cancellationToken);
    }
}
