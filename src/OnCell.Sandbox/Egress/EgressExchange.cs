using System.Net;

namespace OnCell.Sandboxes.Egress;

/// <summary>One allowed tunnel or HTTP request, from the decision to its end, with its byte counts.</summary>
internal sealed class EgressExchange(EgressConnection connection, EgressRequest request, IPAddress address, string rule)
{
    private long _bytesOut;
    private long _bytesIn;
    private int _ended;

    public EgressRequest Request => request;

    public IPAddress Address => address;

    public string Rule => rule;

    public bool IsOpen => Volatile.Read(ref _ended) == 0;

    public void CountOut(int bytes)
    {
        Interlocked.Add(ref _bytesOut, bytes);
        connection.Touch();
    }

    public void CountIn(int bytes)
    {
        Interlocked.Add(ref _bytesIn, bytes);
        connection.Touch();
    }

    /// <summary>Reports the end; only the first call does.</summary>
    /// <param name="reason">What went wrong, or <see langword="null"/> where it ended in good order.</param>
    public void Close(string? reason = null) => End(allowed: true, reason);

    /// <summary>Reports that what had been allowed was denied after all: its content gave it away, or the policy changed.</summary>
    /// <returns>Whether it was still open.</returns>
    public bool Deny(string reason) => End(allowed: false, reason);

    private bool End(bool allowed, string? reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 1)
            return false;
        connection.Report(request.Target, allowed, rule, reason, closed: true, Interlocked.Read(ref _bytesOut), Interlocked.Read(ref _bytesIn));
        return true;
    }
}
