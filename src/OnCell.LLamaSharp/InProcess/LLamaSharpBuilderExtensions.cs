using Microsoft.Extensions.Logging;
using OnCell;
using OnCell.LLamaSharp.InProcess;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds models of LLamaSharp to OnCell.</summary>
public static class LLamaSharpBuilderExtensions
{
    /// <summary>Adds a model that runs in this process: air-gapped cells may ask it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name agents may call it by.</param>
    /// <param name="configure">Says which weights, and how much of the host they may take.</param>
    /// <remarks>
    /// The weights are loaded once, when the model is first asked, and kept until the service ends. What crashes llama.cpp ends
    /// the process: <c>AddLocalModel</c> runs it in a sandbox instead, and knows tools.
    /// </remarks>
    public static IOnCellBuilder AddLLamaSharpModel(this IOnCellBuilder builder, string name, Action<LLamaSharpModelOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddLocalModel(name, services =>
        {
            var options = new LLamaSharpModelOptions();
            configure(options);
            return new LLamaSharpChatClient(
                new LLamaSharpModel(name, options, services.GetRequiredService<ILoggerFactory>().CreateLogger("OnCell.Models")));
        });
    }
}
