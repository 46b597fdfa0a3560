using OnCell.Client.Json;
using OnCell.Client.Transport;

namespace OnCell.Client;

/// <summary>The service itself: who is calling, and whether its host can run cells.</summary>
public sealed class ServiceClient
{
    private readonly ApiTransport _api;

    internal ServiceClient(ApiTransport api) => _api = api;

    /// <summary>Tells as whom the service knows this caller.</summary>
    public Task<Caller> WhoAmIAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("me", ClientJson.Default.Caller, cancellationToken);

    /// <summary>Examines the service's host: what cells need of it, what is missing, and the fix of each.</summary>
    public Task<HostReport> ProbeHostAsync(CancellationToken cancellationToken = default) =>
        _api.GetAsync("host", ClientJson.Default.HostReport, cancellationToken);
}

/// <summary>Who calls.</summary>
/// <param name="Actor">The caller as the audit log names it.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Customers">The customers that it may name; <c>*</c> for all.</param>
/// <param name="Areas">What it may do: <c>run</c>, <c>manage</c>, <c>deploy</c>.</param>
public sealed record Caller(string Actor, string? Name, IReadOnlyList<string> Customers, IReadOnlyList<string> Areas);

/// <summary>What cells need of the host and whether it has it.</summary>
/// <param name="Ok">Whether every requirement is met.</param>
/// <param name="Requirements">Each requirement.</param>
public sealed record HostReport(bool Ok, IReadOnlyList<HostRequirement> Requirements);

/// <summary>The state of one requirement of the host.</summary>
/// <param name="Name">What is required.</param>
/// <param name="Ok">Whether it is met.</param>
/// <param name="Found">What was found.</param>
/// <param name="Fix">What to do where it is not met.</param>
public sealed record HostRequirement(string Name, bool Ok, string Found, string? Fix);
