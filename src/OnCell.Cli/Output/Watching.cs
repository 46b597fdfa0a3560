using OnCell.Client;
using Spectre.Console;

namespace OnCell.Cli.Output;

/// <summary>Long work as it comes along: a line that changes for people, a line for each step in a file or pipe, nothing for programs.</summary>
internal static class Watching
{
    /// <param name="json">Whether a program asks.</param>
    /// <param name="title">What is being done, before the service says more.</param>
    /// <param name="work">The work; it is told whom to tell.</param>
    public static Task<T> RunAsync<T>(bool json, string title, Func<IProgress<CellProgress>, Task<T>> work)
    {
        if (json) return work(new Told(_ => { }));
        if (Console.IsErrorRedirected) return work(new Told(p => Screen.Say($"{p.Phase}: {p.Message}")));
        return Screen.Errors.Progress().AutoClear(true).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 }, new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Screen.Cell(title));
                task.IsIndeterminate = true;
                return work(new Told(p =>
                {
                    task.Description = Screen.Cell($"{p.Phase}: {p.Message}");
                    task.IsIndeterminate = p.Total is not > 0;
                    if (p is { Total: > 0, Done: { } done }) task.Value = 100.0 * done / p.Total.Value;
                }));
            });
    }

    private sealed class Told(Action<CellProgress> tell) : IProgress<CellProgress>
    {
        public void Report(CellProgress value) => tell(value);
    }
}
