namespace OnCell.Core.Tests.Lifecycle;

/// <summary>The base system of an <see cref="ImageAgent"/>'s cells.</summary>
/// <param name="Image">As <see cref="CellSpec.Image"/>.</param>
public sealed record BaseSystem(string Image);

/// <summary>An agent in cells of an image that has a shell and hardly more.</summary>
public sealed class ImageAgent(BaseSystem system) : LifecycleAgent
{
    public override CellSpec Cell => base.Cell with { Packages = [], Image = system.Image };

    /// <summary>Three steps; the second waits until the test lets it go on.</summary>
    public async Task<string> LiveAsync(CellContext ctx)
    {
        await ctx.ShellAsync("echo one >> marks").EnsureSuccess();
        await ctx.ShellAsync("echo two >> marks; while [ ! -e go ]; do sleep 0.05; done").EnsureSuccess();
        return await ReadAsync(ctx);
    }

    public async Task<string> ReadAsync(CellContext ctx) =>
        (await ctx.ShellAsync("while read -r line; do echo $line; done < marks").EnsureSuccess()).Stdout;
}
