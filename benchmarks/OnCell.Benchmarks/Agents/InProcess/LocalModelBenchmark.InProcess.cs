using Microsoft.Extensions.DependencyInjection;

namespace OnCell.Benchmarks.Agents;

internal static partial class LocalModelBenchmark
{
    static partial void AddInProcess(IOnCellBuilder builder, ref string? name)
    {
        name = "in-process";
        builder.AddLLamaSharpModel(name, m => (m.Weights, m.ContextTokens) = (Weights, 512));
    }
}
