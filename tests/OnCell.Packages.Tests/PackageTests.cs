using System.IO.Compression;
using System.Security.Cryptography;
using System.Xml.Linq;
using OnCell.Tests;

namespace OnCell.Packages.Tests;

/// <summary>What is in the packages: all that a program needs of them, and nothing else.</summary>
public sealed class PackageTests(PackedLibraries packages) : IClassFixture<PackedLibraries>
{
    /// <summary>Written by NuGet into every package.</summary>
    private static readonly string[] Envelope = ["[Content_Types].xml", "_rels/.rels", "package/services/metadata/core-properties/*.psmdcp"];

    /// <summary>Each package's id and what is in it besides its library, its documentation and its README.</summary>
    public static TheoryData<string, string[]> Contents => new()
    {
        { "OnCell.AspNetCore", [] },
        { "OnCell.Client", [] },
        { "OnCell.Core", ["analyzers/dotnet/cs/OnCell.Generators.dll"] },
        {
            "OnCell.Index",
            [
                "runtimes/README.md", "runtimes/SHA256SUMS", "runtimes/linux-arm64/native/vec0.so", "runtimes/linux-x64/native/vec0.so",
                "runtimes/osx-arm64/native/vec0.dylib", "runtimes/osx-x64/native/vec0.dylib", "runtimes/win-x64/native/vec0.dll",
            ]
        },
        { "OnCell.Index.Embeddings", [] },
        { "OnCell.Journal", ["analyzers/dotnet/cs/OnCell.Journal.Analyzers.dll"] },
        { "OnCell.Sandbox", ["runtimes/linux-x64/native/oncell-guest"] },
        { "OnCell.Testing", [] },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public void A_library_s_package_has_the_library_its_documentation_and_no_stray_file(string id, string[] more)
    {
        using var package = packages.Open(id);
        string[] expected = [$"{id}.nuspec", "README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml", .. Envelope, .. more];
        Assert.Equal(expected.Order(StringComparer.Ordinal), package.Entries.Select(Name).Order(StringComparer.Ordinal));
        Assert.All(package.Entries, entry => Assert.True(entry.Length > 0, entry.FullName));
        using var xml = package.GetEntry($"lib/net10.0/{id}.xml")!.Open();
        Assert.NotEmpty(XDocument.Load(xml).Descendants("summary"));

        static string Name(ZipArchiveEntry entry) =>
            entry.FullName.EndsWith(".psmdcp", StringComparison.Ordinal) ? Envelope[2] : Uri.UnescapeDataString(entry.FullName);
    }

    [Fact]
    public void There_is_a_package_of_each_library_and_of_the_command_and_no_other() =>
        Assert.Equal(Contents.Select(row => row.Data.Item1).Append("OnCell.Cli").Order(StringComparer.Ordinal), packages.Ids);

    [Fact]
    public void The_command_s_package_is_a_tool()
    {
        using var package = packages.Open("OnCell.Cli");
        Assert.NotNull(package.GetEntry("tools/net10.0/any/oncell.dll"));
        using var settings = package.GetEntry("tools/net10.0/any/DotnetToolSettings.xml")!.Open();
        Assert.Equal("oncell", XDocument.Load(settings).Descendants("Command").Single().Attribute("Name")!.Value);
    }

    [Fact]
    public void Each_says_what_it_is_under_which_license_and_needs_only_what_is_packed()
    {
        Assert.All(packages.Ids, id =>
        {
            using var package = packages.Open(id);
            using var stream = package.GetEntry(id + ".nuspec")!.Open();
            var metadata = XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
            Assert.Equal("MIT", Value("license"));
            Assert.Equal("README.md", Value("readme"));
            Assert.False(string.IsNullOrWhiteSpace(Value("description")));
            using var readme = new StreamReader(package.GetEntry("README.md")!.Open());
            Assert.Equal(File.ReadAllText(Repository.PathOf("src", id, "README.md")), readme.ReadToEnd());
            var needed = metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value);
            Assert.All(needed.Where(n => n.StartsWith("OnCell.", StringComparison.Ordinal)), n => Assert.Contains(n, packages.Ids));

            string? Value(string name) => metadata.Elements().SingleOrDefault(e => e.Name.LocalName == name)?.Value;
        });
    }

    [Fact]
    public void The_natives_of_the_index_are_those_whose_hashes_are_packed_with_them()
    {
        using var package = packages.Open("OnCell.Index");
        using var sums = new StreamReader(package.GetEntry("runtimes/SHA256SUMS")!.Open());
        var lines = sums.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, lines.Length);
        Assert.All(lines, line =>
        {
            using var native = package.GetEntry("runtimes/" + line[66..])!.Open();
            Assert.Equal(line[..64], Convert.ToHexStringLower(SHA256.HashData(native)));
        });
    }
}
