using Microsoft.Extensions.DependencyInjection;
using OnCell.Core.Tests.Models.Wire;

namespace OnCell.Core.Tests.Models.Local;

public sealed class MissingWeightsTests
{
    [Fact]
    public async Task Weights_that_are_not_there_are_said_with_the_setting()
    {
        var none = Path.Combine(Path.GetTempPath(), $"none-{Guid.NewGuid():N}.gguf");
        await using var lab = new WireLab(o => o.DataRoot = Path.GetTempPath(), b => b.AddLocalModel("local", m => m.Weights = none));
        var error = await lab.FailAsync("local");
        Assert.False(error.IsTransient);
        Assert.Contains(none, error.Message);
        Assert.Contains("LocalModelOptions.Weights", error.Message);
    }

    [Fact]
    public async Task What_is_wrong_with_the_settings_is_said_all_at_once()
    {
        await using var lab = new WireLab(_ => { }, b => b.AddLocalModel("Local Model", m => m.Parallel = 0));
        var error = await Assert.ThrowsAsync<ModelException>(() => lab.AskAsync("hi", "Local Model"));
        Assert.Contains("Parallel", error.Message);
        Assert.Contains("GGUF", error.Message);
        Assert.Contains("1 to 40 of a-z", error.Message);
    }
}
