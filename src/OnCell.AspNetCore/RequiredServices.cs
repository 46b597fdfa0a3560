using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace OnCell.AspNetCore;

/// <summary>Has a <c>Map…</c> fail with the <c>Add…</c> that is missing, at start and not at the first request.</summary>
internal static class RequiredServices
{
    public static void Demand<T>(IEndpointRouteBuilder endpoints, string otherwise)
    {
        if (endpoints.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(T)) != true)
            throw new InvalidOperationException(otherwise);
    }
}
