using System.Net;

namespace OnCell.Configuration;

/// <summary>Reads <see cref="OnCellOptions.Hosts"/>.</summary>
internal static class HostTable
{
    /// <exception cref="OnCellException">A value is no address.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<IPAddress>> Read(IDictionary<string, string> hosts) =>
        hosts.ToDictionary(
            h => h.Key,
            h => (IReadOnlyList<IPAddress>)[.. h.Value
                .Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(a => Address(h.Key, a))],
            StringComparer.OrdinalIgnoreCase);

    private static IPAddress Address(string name, string text) =>
        IPAddress.TryParse(text, out var address)
            ? address
            : throw new OnCellException(OnCellError.Invalid, $"OnCell:Hosts:{name}: \"{text}\" is not an IP address.");
}
