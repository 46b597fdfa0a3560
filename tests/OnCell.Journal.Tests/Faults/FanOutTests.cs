using OnCell.Journal.Tests.Support;

namespace OnCell.Journal.Tests.Faults;

public class FanOutTests
{
    [Fact]
    public async Task A_thousand_steps_at_once_keep_their_places_over_shuffled_ends_and_a_restart()
    {
        await using var file = new TestJournal();
        for (var seed = 0; seed < 10; seed++)
            Assert.Equal(0, await FanOut.RunAsync(file.File, seed, width: 1_000));
    }
}
