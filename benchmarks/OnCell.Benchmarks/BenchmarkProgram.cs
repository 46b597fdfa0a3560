namespace OnCell.Benchmarks;

/// <summary>Runs one area's scenarios and prints rows of <c>name value unit</c>.</summary>
internal static class BenchmarkProgram
{
    public static Task<int> RunAsync(string[] args)
    {
        Console.Error.WriteLine($"no such area: {string.Join(' ', args)}");
        return Task.FromResult(2);
    }
}
