using OnCell;

namespace CodingSample;

/// <summary>The customer's repository in the cell.</summary>
/// <remarks>
/// Every command may be cut off by the death of the cell and then runs again, so each is written to be repeated. git
/// leaves its lock files behind when it dies; nothing else runs in the cell during a task, so they are removed first.
/// </remarks>
public sealed class WorkingTree(CellContext ctx)
{
    /// <summary>Clones into the empty or half-cloned folder <c>/work</c>.</summary>
    public async Task CloneAsync(string url) =>
        await Network.RetryAsync(() => ctx.ShellAsync($"find /work -mindepth 1 -delete && git clone --quiet {url} /work"));

    /// <summary>Brings the tree to the newest state of the remote's default branch.</summary>
    public async Task ResetAsync() =>
        await Network.RetryAsync(() => ctx.ShellAsync(
            "find .git -name '*.lock' -delete && git fetch --quiet --prune origin && " +
            "git checkout --quiet --force --detach origin/HEAD && git clean -fdq"));

    /// <summary>Lists the tracked files.</summary>
    public async Task<IReadOnlyList<string>> ListAsync()
    {
        var listed = await ctx.ShellAsync("git -c core.quotePath=false ls-files").EnsureSuccess();
        return listed.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Reads those of the files that exist, by path.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(IEnumerable<string> paths)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in paths.Where(ChangeApplier.IsInside).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (await ctx.Files.ReadTextAsync(path) is { } text)
                files[path] = text;
        }

        return files;
    }

    /// <summary>Writes a change whole, or nothing of it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="touched">Receives the paths that were written.</param>
    /// <returns>One line for each edit that does not fit.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(ChangeSet change, ISet<string> touched)
    {
        var before = await ReadAsync(change.Edits.Select(edit => edit.Path));
        var misfits = ChangeApplier.Apply(change.Edits, before, out var after);
        foreach (var (path, text) in after)
        {
            await ctx.Files.WriteAsync(path, text);
            touched.Add(path);
        }

        return misfits;
    }

    /// <summary>Commits the given files on a branch of their own, on top of the remote's default branch.</summary>
    /// <returns>The commit's id.</returns>
    public async Task<string> CommitAsync(string branch, string message, IEnumerable<string> paths)
    {
        var commit = await ctx.ShellAsync(
            $"""
            find .git -name '*.lock' -delete && git checkout --quiet -B {branch} && git add -- {paths} &&
            (git diff --cached --quiet ||
             git -c user.name=OnCell -c user.email=agent@oncell.invalid commit --quiet --message {message}) &&
            git rev-parse HEAD
            """).EnsureSuccess();
        return commit.Stdout.Trim();
    }

    /// <summary>Pushes the current branch, which is the agent's own.</summary>
    /// <remarks>When a push was cut off, the probe asks the remote whether it arrived before it is done again.</remarks>
    public async Task PushAsync() =>
        await Network.RetryAsync(() => ctx.ShellAsync("git push --quiet --force origin HEAD", new()
        {
            Probe = """test "$(git ls-remote origin "$(git symbolic-ref HEAD)" | cut -f1)" = "$(git rev-parse HEAD)" """,
        }));
}
