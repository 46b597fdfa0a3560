using System.IO.Compression;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using OnCell.Core.Tests.Lifecycle;

namespace OnCell.Core.Tests.Deployments;

/// <summary>What is refused before anything is kept: each with the reason, and nothing left behind.</summary>
public sealed class PackageTests : IAsyncLifetime
{
    private const string Cell = "public override CellSpec Cell => new() { Compute = \"1cpu-512mb\", Storage = \"1gb\" };";
    private const string Method = "public Task<string> HelloAsync(CellContext ctx) => Task.FromResult(\"hello\");";

    private TestHost? _host;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IDeployments Deployments => _host!.Services.GetRequiredService<IDeployments>();

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync<LifecycleAgent>(o =>
    {
        o.Deployments.Enabled = true;
        o.Deployments.MaxPackageMegabytes = 1;
    });

    public async ValueTask DisposeAsync() => await _host!.DisposeAsync();

    public static TheoryData<string, byte[], string> Refused()
    {
        var good = PackageSource.Assembly("Good", $"public class Greeter : Agent {{ {Cell} {Method} }}");
        var none = "{}"u8.ToArray();
        return new TheoryData<string, byte[], string>
        {
            { "no zip", "hello"u8.ToArray(), "is no zip" },
            { "empty", [], "is no zip" },
            { "a zip cut off", PackageSource.Zip(("Good.dll", good))[..200], "is no zip" },
            { "nothing in it", PackageSource.Zip(), "has 0 files *.deps.json" },
            { "two projects", PackageSource.Zip(("A.deps.json", none), ("B.deps.json", none)), "has 2 files *.deps.json" },
            { "no assembly", PackageSource.Zip(("Good.deps.json", none)), "and no Good.dll" },
            { "text for an assembly", PackageSource.Zip(("Good.deps.json", none), ("Good.dll", "MZ?"u8.ToArray())), "no .NET assembly" },
            { "half an assembly", PackageSource.Zip(("Good.deps.json", none), ("Good.dll", good[..(good.Length / 2)])), "no .NET assembly" },
            { "a path up", PackageSource.Zip(("../Good.dll", good)), "no plain relative path" },
            { "a path from the root", PackageSource.Zip(("/etc/cron.d/x", good)), "no plain relative path" },
            { "a path of Windows", PackageSource.Zip(("..\\Good.dll", good)), "no plain relative path" },
            { "a path with a line", PackageSource.Zip(("a\nb", good)), "no plain relative path" },
            { "a file twice", PackageSource.Zip(("a.dll", good), ("A.dll", good)), "two files" },
            { "a link", Link(), "a link or a device" },
            { "too large", PackageSource.Zip(("x", Noise(2 << 20))), "larger than 1 MB" },
            { "a bomb", PackageSource.Zip(("x", new byte[8 << 20])), "times as large unpacked" },
            { "too many files", PackageSource.Zip([.. Enumerable.Range(0, 5001).Select(i => ($"f{i}", Array.Empty<byte>()))]), "at most 5000" },
            { "another framework", PackageSource.Package("Good", $"public class Greeter : Agent {{ {Cell} {Method} }}", ".NETFramework,Version=v4.8"), "built for .NETFramework 4.8" },
            { "a later framework", PackageSource.Package("Good", $"public class Greeter : Agent {{ {Cell} {Method} }}", ".NETCoreApp,Version=v99.0"), "built for .NETCoreApp 99.0" },
            { "no framework", PackageSource.Package("Good", $"public class Greeter : Agent {{ {Cell} {Method} }}", ""), "does not say its target framework" },
            { "nothing of OnCell", PackageSource.Package("Good", "public class Nothing;"), "without a reference to OnCell.Core" },
            { "no agent", PackageSource.Package("Good", "public class Nothing { public Agent? Other; }"), "has no agent" },
            { "no method", PackageSource.Package("Good", $"public class Greeter : Agent {{ {Cell} }}"), "without a public method" },
            { "two of a name", PackageSource.Package("Good", $"namespace A {{ public class Greeter : Agent {{ {Cell} {Method} }} }} namespace B {{ public class Greeter : Agent {{ {Cell} {Method} }} }}"), "several agents named Greeter" },
            { "built without the generator", PackageSource.Zip(("Good.deps.json", none), ("Good.dll", PackageSource.Assembly("Good", $"public class Greeter : Agent {{ {Cell} {Method} }}", generate: false))), "without OnCell's source generator" },
            { "a service that is not there", PackageSource.Package("Good", $"public interface IMissing; public class Greeter(IMissing missing) : Agent {{ public object Missing => missing; {Cell} {Method} }}"), "IMissing" },
            { "a constructor that throws", PackageSource.Package("Good", $"public class Greeter : Agent {{ public Greeter() => throw new Exception(\"not today\"); {Cell} {Method} }}"), "not today" },
            { "a cell of no size", PackageSource.Package("Good", $"public class Greeter : Agent {{ public override CellSpec Cell => new() {{ Compute = \"many\" }}; {Method} }}"), "many" },
            { "a rule that is none", PackageSource.Package("Good", $"public class Greeter : Agent {{ public override CellSpec Cell => new() {{ Network = new() {{ Allow = [\"a.*.b\"] }} }}; {Method} }}"), "a.*.b" },
            { "a name that is taken", PackageSource.Package("Good", $"public class LifecycleAgent : Agent {{ {Cell} {Method} }}"), "compiled into this service" },
        };
    }

    // One host serves all rows: a refused package must not matter to the next.
    [Fact]
    public async Task What_cannot_be_used_is_refused_with_the_reason_and_nothing_is_kept()
    {
        foreach (var row in Refused())
        {
            var (what, package, words) = row.Data;
            var refused = await Assert.ThrowsAsync<OnCellException>(() => Deployments.DeployAsync(new MemoryStream(package), "staging", "me", null, Ct));
            Assert.True(refused.Message.Contains(words, StringComparison.Ordinal), $"{what}: {refused.Message}");
            AssertNothingKept(what);
        }

        Assert.Empty(await Deployments.ListRevisionsAsync(Ct));
        Assert.Empty(await Deployments.ListPlacementsAsync(Ct));
    }

    [Fact]
    public async Task A_package_of_noise_is_refused_and_never_a_crash()
    {
        var good = PackageSource.Package("Good", $"public class Greeter : Agent {{ {Cell} {Method} }}");
        await Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 20].SampleAsync(async flips =>
        {
            var package = (byte[])good.Clone();
            foreach (var (at, value) in flips) package[at] = value;
            try
            {
                var placed = await Deployments.DeployAsync(new MemoryStream(package), "noise", "me", null, Ct);
                Assert.Equal("Good", placed.Package); // what was changed did not matter
            }
            catch (OnCellException)
            {
                // Refused, in words.
            }
        }, iter: 100, threads: 1);
        AssertNothingKept("noise", (await Deployments.ListRevisionsAsync(Ct)).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Staging")]
    [InlineData("../x")]
    [InlineData("a b")]
    public async Task An_environment_has_a_plain_name(string environment)
    {
        var refused = await Assert.ThrowsAsync<OnCellException>(() => Deployments.DeployAsync(new MemoryStream(), environment, "me", null, Ct));
        Assert.Equal(("environment", OnCellError.Invalid), (refused.Field, refused.Error));
    }

    private static byte[] Link()
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create))
        {
            var entry = archive.CreateEntry("link");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000);
            using var content = entry.Open();
            content.Write("/etc/passwd"u8);
        }

        return memory.ToArray();
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    private void AssertNothingKept(string what, int revisions = 0)
    {
        var folder = Path.Combine(_host!.DataRoot, "deployments");
        var kept = Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder) : [];
        Assert.True(kept.Length == revisions, $"{what}: {string.Join(", ", kept)}");
    }
}
