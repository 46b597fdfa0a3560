using Microsoft.Extensions.AI;

namespace OnCell.Models;

/// <summary>A provider of models, by the name it was registered under.</summary>
/// <param name="Name">The provider's name.</param>
/// <param name="Create">Makes its client, once.</param>
/// <param name="Models">The models it serves by exact name; may be empty.</param>
/// <param name="Local">Whether it runs on this host and sends nothing anywhere, so that air-gapped cells may ask it.</param>
internal sealed record ModelRegistration(
    string Name, Func<IServiceProvider, IChatClient> Create, IReadOnlyList<string> Models, bool Local = false);
