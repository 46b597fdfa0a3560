using System.ComponentModel;
using System.Text;
using Microsoft.Extensions.AI;
using OnCell.Journaling;

namespace OnCell;

/// <summary>Tools over a cell, for <see cref="LlmOptions.Tools"/>. What the model does with them is done in the cell and nowhere else.</summary>
public sealed class CellTools
{
    private const string EffectProperty = "oncell.effect";

    internal CellTools(CellContext context)
    {
        Shell = Create(
            ([Description("The command line, run by /bin/sh in /work.")] string command) => ShellAsync(context, command),
            "shell", "Runs a command line in the sandbox and returns its exit code and output.");
        Search = Create(
            ([Description("Plain language or identifiers.")] string query) => SearchAsync(context, query),
            "search", "Searches the repository's code and returns the best matching pieces.");
        Files =
        [
            Create(
                async ([Description("The file, relative to /work.")] string path) =>
                    await context.Files.ReadTextAsync(path).ConfigureAwait(false) ?? $"Error: there is no file {path}.",
                "read_file", "Reads a text file."),
            Create(
                async ([Description("The file, relative to /work.")] string path, [Description("The whole new text.")] string text) =>
                    await context.Files.WriteAsync(path, text).ConfigureAwait(false),
                "write_file", "Creates or replaces a text file."),
            Create(
                async ([Description("The folder, relative to /work.")] string path = ".") => string.Join(
                    '\n', (await context.Files.ListAsync(path).ConfigureAwait(false)).Select(f => f.ToString())),
                "list_files", "Lists a folder."),
        ];
    }

    /// <summary>Gets <c>shell</c>: runs a command line of the model's, whole, in the cell.</summary>
    public AIFunction Shell { get; }

    /// <summary>Gets <c>search</c>: the cell's code index.</summary>
    public AIFunction Search { get; }

    /// <summary>Gets <c>read_file</c>, <c>write_file</c> and <c>list_files</c>.</summary>
    public IReadOnlyList<AIFunction> Files { get; }

    /// <summary>Makes a function of your own of code.</summary>
    /// <remarks>
    /// As <see cref="AIFunctionFactory"/> does, which remembers every method it met by the JSON options it is given: with those of
    /// here a deployed agent's methods are forgotten with its revision.
    /// </remarks>
    /// <param name="work">The code. Its parameters are the model's arguments, described by <see cref="DescriptionAttribute"/>.</param>
    /// <param name="name">What the model calls it.</param>
    /// <param name="description">What the model is told that it does.</param>
    public static AIFunction Create(Delegate work, string name, string description)
    {
        ArgumentNullException.ThrowIfNull(work);
        return AIFunctionFactory.Create(work, name, description, OnCellJson.For(work.Method.Module.Assembly));
    }

    /// <summary>Says what a function of your own does to the world, and so what happens to a call that a crash cut off.</summary>
    /// <param name="function">The function. It finds its call's key in <see cref="AIFunctionArguments.Context"/> under <c>oncell.step_key</c>.</param>
    /// <param name="effect">
    /// What it does. A function not wrapped counts as <see cref="StepEffect.Idempotent"/>: it is called again with the same key.
    /// <see cref="StepEffect.Unsafe"/> has the run wait for a person's decision instead.
    /// </param>
    public static AIFunction WithEffect(AIFunction function, StepEffect effect)
    {
        if (effect is StepEffect.Verifiable)
            throw new ArgumentOutOfRangeException(nameof(effect), effect, "A tool has no probe that could verify it: use Idempotent or Unsafe.");
        return new MarkedFunction(function, effect);
    }

    internal static StepEffect EffectOf(AIFunction? tool) =>
        tool?.AdditionalProperties.TryGetValue(EffectProperty, out var effect) == true ? (StepEffect)effect! : StepEffect.Idempotent;

    private static async Task<string> ShellAsync(CellContext context, string command)
    {
        var result = await context.ShellAsync(command);
        var text = new StringBuilder($"exit code {result.ExitCode}");
        if (result.Reason is { } reason) text.Append(" (").Append(reason).Append(')');
        if (result.Stdout.Length > 0) text.Append('\n').Append(result.Stdout);
        if (result.Stderr.Length > 0) text.Append("\nstderr:\n").Append(result.Stderr);
        return text.ToString();
    }

    private static async Task<string> SearchAsync(CellContext context, string query)
    {
        var hits = await context.SearchAsync(query, topK: 8).ConfigureAwait(false);
        return hits.Count == 0
            ? "Nothing was found."
            : string.Join('\n', hits.Select(h => $"--- {h.Path}, lines {h.StartLine}-{h.EndLine}\n{h.Content}"));
    }

    private sealed class MarkedFunction(AIFunction inner, StepEffect effect) : DelegatingAIFunction(inner)
    {
        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
            new Dictionary<string, object?>(inner.AdditionalProperties) { [EffectProperty] = effect };
    }
}
