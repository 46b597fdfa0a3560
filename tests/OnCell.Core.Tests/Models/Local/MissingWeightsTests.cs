using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OnCell.Core.Tests.Models.Wire;
using OnCell.Indexing;
using OnCell.Models.Local;

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
    public async Task A_pinned_file_is_used_with_its_hash_only()
    {
        var folder = Directory.CreateTempSubdirectory("weights-").FullName;
        try
        {
            var content = "not weights, and pinned"u8.ToArray();
            await File.WriteAllBytesAsync(Path.Combine(folder, "w.gguf"), content, TestContext.Current.CancellationToken);
            var source = new ModelSourceOptions { Folder = folder, AllowDownloads = false };
            var right = new ModelFile("w.gguf", Convert.ToHexString(SHA256.HashData(content)), content.Length);
            Assert.Equal(
                Path.Combine(folder, "w.gguf"),
                await new ModelWeights("Options", null, right, source).GetAsync("local", NullLogger.Instance, TestContext.Current.CancellationToken));

            var wrong = new ModelFile("w.gguf", new string('a', 64), content.Length);
            await using var lab = new WireLab(o => o.DataRoot = folder, b => b.AddLocalModel("local", m => (m.File, m.Source) = (wrong, source)));
            var error = await lab.FailAsync("local");
            Assert.False(error.IsTransient);
            Assert.Contains("w.gguf", error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
