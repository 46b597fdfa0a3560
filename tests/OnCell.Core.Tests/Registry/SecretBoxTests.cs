using System.Text;
using OnCell.Registry;

namespace OnCell.Core.Tests.Registry;

public sealed class SecretBoxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_secret_is_not_readable_and_comes_back_after_a_restart()
    {
        var sealedText = new SecretBox(_folder).Protect("token-1234");
        Assert.DoesNotContain("token-1234", Encoding.UTF8.GetString(sealedText));
        Assert.Equal("token-1234", new SecretBox(_folder).Unprotect<string>(sealedText));
    }

    [Fact]
    public void Without_its_keys_it_is_refused_with_what_to_do()
    {
        var sealedText = new SecretBox(Path.Combine(_folder, "a")).Protect("token");
        var error = Assert.Throws<OnCellException>(() => new SecretBox(Path.Combine(_folder, "b")).Unprotect<string>(sealedText));
        Assert.Contains("backup", error.Message);
    }
}
