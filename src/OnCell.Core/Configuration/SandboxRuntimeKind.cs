namespace OnCell;

/// <summary>What makes the cells' sandboxes.</summary>
public enum SandboxRuntimeKind
{
    /// <summary>The program runsc itself; the service is root.</summary>
    Runsc,

    /// <summary>A Docker engine of this host that has gVisor registered.</summary>
    Docker,
}
