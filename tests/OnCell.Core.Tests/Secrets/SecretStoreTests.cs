using OnCell.Registry;
using OnCell.Secrets;

namespace OnCell.Core.Tests.Secrets;

public sealed class SecretStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("oncell-secrets-").FullName;
    private readonly SecretBox _box;
    private readonly RegistryDatabase _database;
    private readonly SecretStore _store;

    public SecretStoreTests()
    {
        _box = new SecretBox(Path.Combine(_folder, "keys"));
        _database = RegistryDatabase.Open(Path.Combine(_folder, "oncell.db"));
        _store = new SecretStore(_database, _box, TimeProvider.System);
    }

    public void Dispose()
    {
        _database.Dispose();
        _box.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_customers_own_secret_goes_before_that_of_all()
    {
        _store.Set(null, "TOKEN", "of-everybody");
        _store.Set("acme", "TOKEN", "of-acme-only");
        Assert.Equal("of-acme-only", _store.For("acme").Values["TOKEN"]);
        Assert.Equal("of-everybody", _store.For("rival").Values["TOKEN"]);
        Assert.Equal("[secret:TOKEN] [secret:TOKEN]", _store.For("acme").Redactor.Redact("of-acme-only of-everybody"));
        Assert.Equal("of-acme-only", _store.For("rival").Redactor.Redact("of-acme-only"));
    }

    [Fact]
    public void Rotation_is_seen_at_once_and_the_value_before_is_still_removed()
    {
        Assert.Equal(1, _store.Set("acme", "TOKEN", "first-value").Version);
        Assert.Equal("first-value", _store.For("acme").Values["TOKEN"]);
        Assert.Equal(2, _store.Set("acme", "TOKEN", "second-value").Version);
        var now = _store.For("acme");
        Assert.Equal("second-value", now.Values["TOKEN"]);
        Assert.Equal("[secret:TOKEN] [secret:TOKEN]", now.Redactor.Redact("first-value second-value"));
        Assert.True(_store.Delete("acme", "TOKEN"));
        Assert.False(_store.Delete("acme", "TOKEN"));
        Assert.Contains("PUT", Assert.Throws<OnCellException>(() => _store.For("acme").Get(["TOKEN"], "acme")).Message);
    }

    [Fact]
    public void What_lies_on_the_disk_does_not_hold_the_value()
    {
        _store.Set("acme", "TOKEN", "visible-on-disk?");
        foreach (var file in Directory.EnumerateFiles(_folder, "oncell.db*"))
        {
            using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, System.Text.Encoding.Latin1);
            Assert.DoesNotContain("visible-on-disk", reader.ReadToEnd());
        }
    }

    [Theory]
    [InlineData("", "long-enough", "name")]
    [InlineData("1ST", "long-enough", "name")]
    [InlineData("A-B", "long-enough", "name")]
    [InlineData("A\nB", "long-enough", "name")]
    [InlineData("PATH", "long-enough", "name")]
    [InlineData("ld_preload", "long-enough", "name")]
    [InlineData("TOKEN", "short", "value")]
    [InlineData("TOKEN", "aaaaaaaaaaaa", "value")]
    [InlineData("TOKEN", "nul\0nul\0nul", "value")]
    public void What_cannot_be_a_secret_is_refused_without_showing_it(string name, string value, string field)
    {
        var error = Assert.Throws<OnCellException>(() => _store.Set("acme", name, value));
        Assert.Equal((OnCellError.Invalid, field), (error.Error, error.Field));
        Assert.DoesNotContain(value, error.Message);
    }
}
