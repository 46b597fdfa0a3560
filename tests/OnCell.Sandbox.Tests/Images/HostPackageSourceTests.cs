using OnCell.Sandboxes.Images;

namespace OnCell.Sandbox.Tests.Images;

public sealed class HostPackageSourceTests
{
    [Fact]
    public void Takes_the_release_its_updates_and_security_and_nobody_elses_packages()
    {
        const string targets = """
            http://mirror.test/debian bookworm main
            http://mirror.test/debian bookworm-updates main
            http://mirror.test/debian bookworm-backports main
            http://mirror.test/debian-security bookworm-security main
            https://download.docker.com/linux/debian bookworm stable
            https://deb.nodesource.com/node_20.x nodistro main
            """;

        var source = HostPackageSource.Parse("bookworm", targets);

        Assert.Equal("bookworm", source!.Suite);
        Assert.Equal(
            [
                "deb http://mirror.test/debian bookworm main",
                "deb http://mirror.test/debian bookworm-updates main",
                "deb http://mirror.test/debian-security bookworm-security main",
            ],
            source.Lines);
    }

    [Fact]
    public void A_host_without_the_release_itself_is_no_source() =>
        Assert.Null(HostPackageSource.Parse("bookworm", "http://mirror.test/debian bookworm-updates main"));
}
