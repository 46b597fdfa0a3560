using System.IO.Compression;
using System.Reflection;
using OnCell.Tests;

namespace OnCell.Packages.Tests;

/// <summary>The packages of all libraries, packed once for all tests from what was built with them.</summary>
public sealed class PackedLibraries : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-packages-").FullName;

    /// <summary>Gets the ids of the packages, in order.</summary>
    public IReadOnlyList<string> Ids { get; private set; } = [];

    /// <summary>Opens a package to be read.</summary>
    public ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(_folder, $"{id}.{Version}.nupkg"));

    public async ValueTask InitializeAsync()
    {
        await PackAsync();
        Ids = [.. Directory.GetFiles(_folder).Select(file => Path.GetFileName(file).Replace($".{Version}.nupkg", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Version => typeof(PackedLibraries).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    private static string Configuration => typeof(PackedLibraries).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private Task PackAsync() => HostProgram.RunAsync(
        "dotnet",
        [
            "msbuild", Repository.PathOf("tests", "OnCell.Packages.Tests", "Pack.targets"), "-nologo", "-v:quiet", "-nodeReuse:false",
            $"-p:Configuration={Configuration}", $"-p:PackageOutputPath={_folder}",
        ],
        Limit);
}
