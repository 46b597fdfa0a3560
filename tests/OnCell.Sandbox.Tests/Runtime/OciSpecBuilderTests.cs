using System.Text.Json.Nodes;
using OnCell.Sandboxes;
using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class OciSpecBuilderTests
{
    private static readonly SandboxPaths Paths = new("/r/rootfs", "/v/work", "/v/tmp", "/v/guest", "/opt/oncell-guest", "/r/sock");

    private static SandboxSpec Spec => new()
    {
        Id = new SandboxId("acme"),
        Folder = "/data/acme",
        RootFileSystem = "/images/x/rootfs",
        Resources = new SandboxResources { Cpus = 1.5, MemoryBytes = 1 << 30, Pids = 200 },
        Environment = new Dictionary<string, string> { ["LANG"] = "de_DE.UTF-8", ["REPO"] = "x" },
    };

    private static JsonObject Config { get; } = OciSpecBuilder.Build(Spec, Paths, "/oncell/acme");

    [Fact]
    public void Runs_the_guest_as_the_first_process_without_a_way_to_more_rights()
    {
        var process = Config["process"]!;
        Assert.Equal(["/oncell/oncell-guest", "init"], Strings(process["args"]));
        Assert.True((bool)process["noNewPrivileges"]!);
        Assert.False((bool)process["terminal"]!);
    }

    [Theory]
    [InlineData("CAP_SYS_ADMIN")]
    [InlineData("CAP_SYS_PTRACE")]
    [InlineData("CAP_SYS_MODULE")]
    [InlineData("CAP_SYS_CHROOT")]
    [InlineData("CAP_NET_RAW")]
    [InlineData("CAP_NET_ADMIN")]
    [InlineData("CAP_MKNOD")]
    [InlineData("CAP_DAC_READ_SEARCH")]
    public void Withholds_dangerous_capabilities_from_every_set(string capability)
    {
        foreach (var set in Config["process"]!["capabilities"]!.AsObject())
            Assert.DoesNotContain(capability, Strings(set.Value));
    }

    [Fact]
    public void Has_every_namespace_of_its_own() =>
        Assert.Equal(
            ["pid", "ipc", "uts", "mount", "network"],
            Config["linux"]!["namespaces"]!.AsArray().Select(n => (string)n!["type"]!));

    [Fact]
    public void Caps_processors_memory_and_tasks()
    {
        var resources = Config["linux"]!["resources"]!;
        Assert.Equal(150_000, (long)resources["cpu"]!["quota"]!);
        Assert.Equal(100_000, (int)resources["cpu"]!["period"]!);
        Assert.Equal(1L << 30, (long)resources["memory"]!["limit"]!);
        Assert.Equal(200, (int)resources["pids"]!["limit"]!);
        Assert.Equal("/oncell/acme", (string)Config["linux"]!["cgroupsPath"]!);
    }

    [Theory]
    [InlineData("/run/oncell", "/r/sock")]
    [InlineData("/oncell/oncell-guest", "/opt/oncell-guest")]
    public void Binds_the_hosts_own_files_read_only(string destination, string source)
    {
        var mount = MountAt(destination);
        Assert.Equal(source, (string)mount["source"]!);
        Assert.Contains("ro", Strings(mount["options"]));
    }

    [Fact]
    public void Binds_nothing_of_the_host_but_its_own_paths()
    {
        var binds = Config["mounts"]!.AsArray().Where(m => (string)m!["type"]! == "bind").Select(m => (string)m!["source"]!);
        Assert.Equal(["/v/work", "/v/tmp", "/v/guest", "/r/sock", "/opt/oncell-guest"], binds);
        Assert.Equal("/r/rootfs", (string)Config["root"]!["path"]!);
    }

    [Fact]
    public void Every_mount_is_nosuid_and_nodev()
    {
        foreach (var mount in Config["mounts"]!.AsArray())
        {
            Assert.Contains("nosuid", Strings(mount!["options"]));
            Assert.Contains("nodev", Strings(mount["options"]));
        }
    }

    [Fact]
    public void Passes_proxy_git_and_the_specs_own_variables()
    {
        var environment = Strings(Config["process"]!["env"]);
        Assert.Contains("https_proxy=http://127.0.0.1:3128", environment);
        Assert.Contains("GIT_CONFIG_COUNT=3", environment);
        Assert.Contains("GIT_CONFIG_KEY_0=credential.helper", environment);
        Assert.Contains("GIT_CONFIG_VALUE_0=/oncell/oncell-guest git-credential", environment);
        Assert.Contains("LANG=de_DE.UTF-8", environment);
        Assert.DoesNotContain("LANG=C.UTF-8", environment);
        Assert.Contains("REPO=x", environment);
    }

    private static JsonNode MountAt(string destination) =>
        Config["mounts"]!.AsArray().Single(m => (string)m!["destination"]! == destination)!;

    private static List<string> Strings(JsonNode? array) => [.. array!.AsArray().Select(v => (string)v!)];
}
