using OnCell.Sandboxes.Runtime;

namespace OnCell.Sandbox.Tests.Runtime;

public sealed class RunscCommandTests
{
    [Fact]
    public void Takes_the_reason_out_of_the_log() =>
        Assert.Equal(
            "creating container: no such image; panic: x",
            RunscCommand.Reason("""
                {"msg":"creating container: no such image","level":"error","time":"2026-01-01T00:00:00Z"}
                panic: x

                """));

    [Fact]
    public void Says_so_where_there_is_no_reason() => Assert.Equal("it gave no reason", RunscCommand.Reason("\n"));
}
