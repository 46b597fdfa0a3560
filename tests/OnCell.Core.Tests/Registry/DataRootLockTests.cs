using OnCell.Registry;

namespace OnCell.Core.Tests.Registry;

public sealed class DataRootLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-lock-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void There_is_one_owner_and_each_has_a_higher_epoch()
    {
        using (var first = DataRootLock.TryTake(_folder))
        {
            Assert.Equal(1, first!.Epoch);
            Assert.Null(DataRootLock.TryTake(_folder));
        }

        using var second = DataRootLock.TryTake(_folder);
        Assert.Equal(2, second!.Epoch);
    }
}
