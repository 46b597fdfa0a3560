namespace OnCell;

/// <summary>The names of what is metered for each customer, hour by hour.</summary>
public static class UsageMeters
{
    /// <summary>Seconds in which the cell's sandbox ran.</summary>
    public const string ActiveSeconds = "active_seconds";

    /// <summary>Seconds in which the cell was frozen or stopped.</summary>
    public const string PausedSeconds = "paused_seconds";

    /// <summary>Seconds of processor time.</summary>
    public const string CpuSeconds = "cpu_seconds";

    /// <summary>Memory used, in byte-seconds: divide by 3600 and 2^30 for GiB-hours.</summary>
    public const string MemoryByteSeconds = "memory_byte_seconds";

    /// <summary>Disk taken on the host, in byte-seconds.</summary>
    public const string DiskByteSeconds = "disk_byte_seconds";

    /// <summary>Tokens sent to models.</summary>
    public const string InputTokens = "input_tokens";

    /// <summary>Tokens that models answered with.</summary>
    public const string OutputTokens = "output_tokens";

    /// <summary>Bytes sent out through the egress proxy.</summary>
    public const string EgressBytes = "egress_bytes";

    /// <summary>Bytes that came in through the egress proxy.</summary>
    public const string IngressBytes = "ingress_bytes";
}
