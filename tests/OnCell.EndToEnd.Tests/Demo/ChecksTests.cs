using CodingSample.Models;
using OnCell.Demo.Checks;

namespace OnCell.EndToEnd.Tests.Demo;

/// <summary>The demo's proofs must be able to fail.</summary>
public sealed class ChecksTests
{
    [Fact]
    public void Commands_that_ended_once_are_well()
    {
        // The second key was cut off with its sandbox, and its step ran again under a new key.
        Assert.Empty(ExecLog.RunTwice(["begin a", "end a 0", "begin b", "begin b#2", "end b#2 1"]));
    }

    [Theory]
    [InlineData("begin a", "end a 0", "begin a")]
    [InlineData("begin a", "end a 0", "end a 0")]
    public void A_command_that_ran_twice_is_found(params string[] lines) => Assert.Equal(["a"], ExecLog.RunTwice(lines));

    [Theory]
    [InlineData(0, "r1/1/3 q1", "r1/1/4 q2", "r2/1/3 q1")]
    [InlineData(1, "r1/1/3 q1", "r1/1/3 q1")]
    [InlineData(1, "r1/1/3 q1", "r1/1/3#2 q1")]
    public void A_call_that_was_paid_twice_is_counted(int count, params string[] calls) =>
        Assert.Equal(count, PaidTwice.Count(calls.Select(call => call.Split(' '))
            .Select(call => new CallRecord(DateTimeOffset.UnixEpoch, call[0], call[1], CallOutcome.Paid, "x"))));
}
