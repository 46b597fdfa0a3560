namespace OnCell;

/// <summary>Who did what to which cell. Only added to; what is in it stays, also when the customer is deleted.</summary>
/// <remarks>The API writes each call that changes something. An application that calls <see cref="ICellManager"/> itself writes its own.</remarks>
public interface IAuditLog
{
    /// <summary>Adds an entry; it is on the disk when this returns.</summary>
    /// <param name="actor">Who: a key, a user.</param>
    /// <param name="action">What, such as <c>customers.create</c>.</param>
    /// <param name="customer">Whose cell; <see langword="null"/> where none.</param>
    /// <param name="detail">More for people, without secrets; may be empty.</param>
    /// <param name="cancellationToken">Gives up before it is written.</param>
    Task AddAsync(string actor, string action, string? customer, string detail, CancellationToken cancellationToken);

    /// <summary>Reads entries in order, for a page or an export.</summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditQuery query, CancellationToken cancellationToken);
}

/// <summary>One entry of the audit log.</summary>
/// <param name="Sequence">Its number; a gap would show that something was removed.</param>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What.</param>
/// <param name="Customer">Whose cell, where one.</param>
/// <param name="Detail">More.</param>
public sealed record AuditEntry(long Sequence, DateTimeOffset Time, string Actor, string Action, string? Customer, string Detail);

/// <summary>Which entries of the audit log.</summary>
public sealed record AuditQuery
{
    /// <summary>Gets the sequence number after which to begin; 0 for all.</summary>
    public long After { get; init; }

    /// <summary>Gets the customer; <see langword="null"/> for every one.</summary>
    public string? Customer { get; init; }

    /// <summary>Gets who; <see langword="null"/> for everybody.</summary>
    public string? Actor { get; init; }

    /// <summary>Gets what; <see langword="null"/> for everything.</summary>
    public string? Action { get; init; }

    /// <summary>Gets from when on; <see langword="null"/> for ever.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Gets until when, that moment excluded.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Gets how many at most.</summary>
    /// <value>The default is 1,000; 1 to 10,000.</value>
    public int Limit { get; init; } = 1000;
}
