using OnCell.Cells;

namespace OnCell.Core.Tests.Cells;

public sealed class IdlePauserTests
{
    [Theory]
    [InlineData(CellState.Active, null, 9, PauseTier.Stopped, false, null)]
    [InlineData(CellState.Active, null, 10, PauseTier.Stopped, false, PauseTier.Frozen)]
    [InlineData(CellState.Active, null, 99, PauseTier.Checkpointed, true, PauseTier.Frozen)]
    [InlineData(CellState.Paused, PauseTier.Frozen, 14, PauseTier.Stopped, false, null)]
    [InlineData(CellState.Paused, PauseTier.Frozen, 15, PauseTier.Stopped, false, PauseTier.Stopped)]
    [InlineData(CellState.Paused, PauseTier.Frozen, 15, PauseTier.Checkpointed, false, PauseTier.Checkpointed)]
    [InlineData(CellState.Paused, PauseTier.Frozen, 11, PauseTier.Checkpointed, true, PauseTier.Checkpointed)]
    [InlineData(CellState.Paused, PauseTier.Frozen, 9, PauseTier.Stopped, true, null)]
    [InlineData(CellState.Paused, PauseTier.Frozen, 999, PauseTier.Frozen, true, null)]
    [InlineData(CellState.Paused, PauseTier.Stopped, 999, PauseTier.Stopped, true, null)]
    [InlineData(CellState.Creating, null, 999, PauseTier.Stopped, true, null)]
    public void An_idle_cell_goes_down_tier_by_tier_and_sooner_when_memory_is_short(
        CellState state, PauseTier? tier, int idleMinutes, PauseTier idleTier, bool memoryIsShort, PauseTier? next)
    {
        var spec = new CellSpec { IdleTimeout = TimeSpan.FromMinutes(10), StopAfter = TimeSpan.FromMinutes(5), IdleTier = idleTier };
        Assert.Equal(next, IdlePauser.NextTier(state, tier, TimeSpan.FromMinutes(idleMinutes), spec, memoryIsShort));
    }

    [Fact]
    public void The_hosts_memory_is_read_as_the_kernel_writes_it()
    {
        Assert.Equal(1953, HostMemory.Parse(["MemTotal:       24576000 kB", "MemFree:         100000 kB", "MemAvailable:    2000000 kB"]));
        Assert.Equal(long.MaxValue, HostMemory.Parse(["MemTotal: 1 kB"]));
        Assert.InRange(HostMemory.AvailableMegabytes(), 1, 1 << 24);
    }
}
