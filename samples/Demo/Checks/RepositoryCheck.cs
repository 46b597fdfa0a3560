using System.Globalization;

namespace OnCell.Demo.Checks;

/// <summary>Looks into the bare repository for what was really delivered.</summary>
public sealed class RepositoryCheck(string bareRepository)
{
    /// <summary>Counts the commits on a branch that <c>main</c> does not have; 0 where there is no such branch.</summary>
    public async Task<int> CountCommitsAsync(string branch, CancellationToken cancellationToken) =>
        (await BranchesAsync(cancellationToken)).Contains(branch)
            ? int.Parse(await Git(["rev-list", "--count", $"main..{branch}"], cancellationToken), CultureInfo.InvariantCulture)
            : 0;

    /// <summary>Lists the branches.</summary>
    public async Task<IReadOnlyList<string>> BranchesAsync(CancellationToken cancellationToken) =>
        (await Git(["for-each-ref", "--format=%(refname:short)", "refs/heads"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Gets the paths that a branch changes.</summary>
    public async Task<IReadOnlyList<string>> ChangedFilesAsync(string branch, CancellationToken cancellationToken) =>
        (await Git(["diff", "--name-only", $"main...{branch}"], cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Gets the size of a branch's diff in git's words.</summary>
    public async Task<string> DescribeDiffAsync(string branch, CancellationToken cancellationToken) =>
        (await Git(["diff", "--shortstat", $"main...{branch}"], cancellationToken)).Trim();

    /// <summary>Gets the text of a file on a branch.</summary>
    public Task<string> ReadAsync(string branch, string path, CancellationToken cancellationToken) =>
        Git(["show", $"{branch}:{path}"], cancellationToken);

    /// <summary>Deletes a branch, so that another round can be counted.</summary>
    public Task DeleteBranchAsync(string branch, CancellationToken cancellationToken) =>
        Git(["branch", "--quiet", "-D", branch], cancellationToken);

    private Task<string> Git(string[] arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync("git", ["-C", bareRepository, .. arguments], cancellationToken);
}
