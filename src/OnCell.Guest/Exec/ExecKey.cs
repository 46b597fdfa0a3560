using OnCell.Guest.Native;
using OnCell.Guest.Protocol;

namespace OnCell.Guest.Exec;

/// <summary>The keys of commands: 1 to 200 of letters, digits and <c>-_.:/#</c>.</summary>
internal static class ExecKey
{
    public static void Check(string key)
    {
        if (key.Length is 0 or > ProtocolConstants.MaxKeyLength)
            throw new InvalidRequestException($"a key has 1 to {ProtocolConstants.MaxKeyLength} characters");
        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"-_.:/#".Contains(c))
                throw new InvalidRequestException($"'{c}' may not stand in a key: use letters, digits and -_.:/#");
        }
    }

    /// <summary>A file name that no other key has: <c>+</c> and <c>%</c> are not letters of keys.</summary>
    public static string ToFileName(string key)
    {
        var name = key.Replace('/', '+');
        return name[0] == '.' ? string.Concat("%", name.AsSpan(1)) : name;
    }

    public static string FromFileName(string name) => name.Replace('+', '/').Replace('%', '.');
}
