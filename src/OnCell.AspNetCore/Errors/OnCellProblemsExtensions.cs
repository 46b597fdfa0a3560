using Microsoft.AspNetCore.Http;
using OnCell.AspNetCore.Errors;

namespace Microsoft.AspNetCore.Builder;

/// <summary>OnCell's errors in the application's own routes.</summary>
public static class OnCellProblemsExtensions
{
    /// <summary>
    /// Answers what a route throws as the API does, as problem+json: an unknown customer is 404, a full queue 429 with
    /// <c>Retry-After</c>, and so on. For routes that call agents by <see cref="OnCell.IAgents"/> or cells by <see cref="OnCell.ICellManager"/>.
    /// </summary>
    /// <typeparam name="TBuilder">The type of the route or group.</typeparam>
    /// <param name="builder">The route or group.</param>
    /// <returns>The same route or group.</returns>
    public static TBuilder WithOnCellProblems<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter<TBuilder, ProblemFilter>();
}
