namespace OnCell.Journal.Tests.Faults;

internal static class FaultProgram
{
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length);
}
internal static class Victim
{
    public static Task<int> RunAsync(string[] args) => Task.FromResult(args.Length);
}
