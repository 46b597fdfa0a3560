using CodingSample;

namespace OnCell.EndToEnd.Tests.Sample;

public sealed class ChangeApplierTests
{
    private static readonly Dictionary<string, string> Files = new() { ["a.py"] = "one\ntwo\ntwo\n" };

    [Fact]
    public void Applies_edits_in_order_and_creates_files()
    {
        var misfits = ChangeApplier.Apply(
            [new("a.py", "one", "zero"), new("a.py", "zero\n", ""), new("new/b.py", Content: "b\n")], Files, out var changed);

        Assert.Empty(misfits);
        Assert.Equal(new Dictionary<string, string> { ["a.py"] = "two\ntwo\n", ["new/b.py"] = "b\n" }, changed);
    }

    [Theory]
    [InlineData("two", "occurs 2 times")]
    [InlineData("three", "does not occur")]
    [InlineData("", "both needed")]
    public void Names_an_edit_that_does_not_fit_and_changes_nothing(string search, string reason)
    {
        var misfits = ChangeApplier.Apply([new("a.py", "one", "1"), new("a.py", search, "x")], Files, out var changed);

        Assert.Contains(reason, Assert.Single(misfits), StringComparison.Ordinal);
        Assert.Empty(changed);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData(".git/hooks/pre-commit")]
    [InlineData("")]
    public void Refuses_paths_outside_of_the_tree(string path) =>
        Assert.Single(ChangeApplier.Apply([new(path, Content: "x")], Files, out _));

    [Theory]
    [InlineData("Add pop_range to the sorted lists", "add-pop-range-to-the-sorted-lists")]
    [InlineData("  $(rm -rf /) ; ä ", "rm-rf")]
    [InlineData("…", "change")]
    public void A_branch_name_holds_letters_digits_and_hyphens_only(string title, string slug) => Assert.Equal(slug, Slug.Of(title));
}
