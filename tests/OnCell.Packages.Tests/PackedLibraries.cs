using System.IO.Compression;
using System.Reflection;
using OnCell.Tests;

namespace OnCell.Packages.Tests;

/// <summary>The packages of all libraries, packed once for all tests from what was built with them.</summary>
public sealed class PackedLibraries : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Gets the folder with the packages.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("oncell-packages-").FullName;

    /// <summary>Gets the version of all of them.</summary>
    public string Version { get; } =
        typeof(PackedLibraries).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Gets the ids of the packages, in order.</summary>
    public IReadOnlyList<string> Ids { get; private set; } = [];

    /// <summary>Opens a package to be read.</summary>
    public ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(Folder, $"{id}.{Version}.nupkg"));

    public async ValueTask InitializeAsync()
    {
        await PackAsync();
        Ids = [.. Directory.GetFiles(Folder).Select(file => Path.GetFileName(file).Replace($".{Version}.nupkg", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Configuration => typeof(PackedLibraries).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    private Task PackAsync() => HostProgram.RunAsync(
        "dotnet",
        [
            "msbuild", Repository.PathOf("tests", "OnCell.Packages.Tests", "Pack.targets"), "-nologo", "-v:quiet", "-nodeReuse:false",
            $"-p:Configuration={Configuration}", $"-p:PackageOutputPath={Folder}",
        ],
        Limit);
}
