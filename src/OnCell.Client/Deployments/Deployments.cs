namespace OnCell.Client;

/// <summary>What is deployed to a service.</summary>
/// <param name="Runtime">The kind of machine that packages must be made for, such as <c>linux-x64</c>.</param>
/// <param name="Environments">Where the environments point.</param>
/// <param name="Revisions">The revisions that are kept, newest first.</param>
public sealed record Deployments(string Runtime, IReadOnlyList<Placement> Environments, IReadOnlyList<Revision> Revisions);

/// <summary>To which revision of a package an environment points.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Package">The package.</param>
/// <param name="Revision">The revision's id.</param>
/// <param name="Since">Since when.</param>
/// <param name="By">Who made it so.</param>
public sealed record Placement(string Environment, string Package, string Revision, DateTimeOffset Since, string By);

/// <summary>A package as it was deployed once; it never changes.</summary>
/// <param name="Id">The id: the package's name and the first of its hash.</param>
/// <param name="Package">The package's name, which is the agent project's assembly.</param>
/// <param name="Sha256">The SHA-256 of the package, in hex.</param>
/// <param name="Bytes">Its size in bytes.</param>
/// <param name="Agents">Its agents.</param>
/// <param name="Created">When it was first deployed.</param>
/// <param name="By">Who deployed it first.</param>
public sealed record Revision(
    string Id, string Package, string Sha256, long Bytes, IReadOnlyList<RevisionAgent> Agents, DateTimeOffset Created, string By);

/// <summary>An agent of a revision.</summary>
/// <param name="Name">Its class name, by which customers are created.</param>
/// <param name="Methods">What can be called.</param>
public sealed record RevisionAgent(string Name, IReadOnlyList<string> Methods);

/// <summary>The body that asks for a promotion.</summary>
internal sealed record NewPromotion(string From, string To, string? Package);

/// <summary>The body that asks for a rollback.</summary>
internal sealed record NewRollback(string Environment, string? Package);
