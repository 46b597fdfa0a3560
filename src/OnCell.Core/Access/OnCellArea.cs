namespace OnCell;

/// <summary>What a caller of the API may do. Each area stands alone: an administrator has all.</summary>
[Flags]
public enum OnCellArea
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Call agents, read runs, files, logs, usage and events, decide, signal and cancel, use a cell's tools.</summary>
    Run = 1,

    /// <summary>Create, pause, fork and delete customers, set their secrets, read the audit log.</summary>
    Manage = 2,

    /// <summary>The administrator's right: deployments, secrets of all customers at once, and API keys.</summary>
    Deploy = 4,

    /// <summary>All of them.</summary>
    All = Run | Manage | Deploy,
}
