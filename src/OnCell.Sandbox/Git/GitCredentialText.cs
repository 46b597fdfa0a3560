using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace OnCell.Sandboxes.Git;

/// <summary>The text of git's credential protocol
/// (<see href="https://git-scm.com/docs/git-credential#IOFMT">git-credential, INPUT/OUTPUT FORMAT</see>), read strictly.</summary>
internal static class GitCredentialText
{
    /// <summary>How many bytes a request may have.</summary>
    public const int MaxBytes = 16 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a request: <c>key=value</c> lines, up to an empty line or the end.</summary>
    /// <param name="text">The bytes before the empty line.</param>
    /// <param name="fields">What the broker uses of them.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out GitCredentialFields? fields, out string problem)
    {
        fields = null;
        if (text.Length > MaxBytes)
            return Fail($"longer than {MaxBytes} bytes", out problem);
        // git since 2.48 refuses a carriage return too: some helpers take it for the end of a line.
        if (text.ContainsAny((byte)0, (byte)'\r'))
            return Fail("a NUL or carriage return in it", out problem);
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!text.IsEmpty)
        {
            var feed = text.IndexOf((byte)'\n');
            var line = feed < 0 ? text : text[..feed];
            text = feed < 0 ? default : text[(feed + 1)..];
            var equals = line.IndexOf((byte)'=');
            if (equals <= 0)
                return Fail("a line that is not key=value", out problem);
            switch (line[..equals])
            {
                // It stands for protocol, host and path at once: with it, which of them holds is a matter of order.
                case var key when key.SequenceEqual("url"u8):
                    return Fail("a url= line; send protocol, host and path", out problem);
                case var key when key.SequenceEqual("protocol"u8) || key.SequenceEqual("host"u8)
                    || key.SequenceEqual("path"u8) || key.SequenceEqual("username"u8):
                    if (!TryDecode(line[(equals + 1)..], out var value))
                        return Fail("bytes that are not UTF-8", out problem);
                    if (!found.TryAdd(Encoding.ASCII.GetString(key), value))
                        return Fail("the same key twice", out problem);
                    break;
                default:
                    break; // git adds keys over time (wwwauth[], capability[]); none of them widens what is asked for.
            }
        }

        if (!found.TryGetValue("protocol", out var protocol) || !found.TryGetValue("host", out var host))
            return Fail("no protocol or no host", out problem);
        fields = new GitCredentialFields(protocol, host, found.GetValueOrDefault("path", ""), found.GetValueOrDefault("username"));
        problem = "";
        return true;
    }

    /// <summary>Writes the answer.</summary>
    /// <exception cref="FormatException">The credential holds a byte that would end its line.</exception>
    public static byte[] Format(GitCredential credential)
    {
        // Never with the credential in the message.
        if (!IsUsable(credential.UserName) || !IsUsable(credential.Password))
            throw new FormatException("The credential's user name or password is empty or holds a line break or NUL.");
        return Utf8.GetBytes($"username={credential.UserName}\npassword={credential.Password}\n");
    }

    /// <summary>Tells whether a value fits into one line of an answer.</summary>
    public static bool IsUsable(string? value) => !string.IsNullOrEmpty(value) && !value.AsSpan().ContainsAny('\n', '\r', '\0');

    private static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? value)
    {
        value = System.Text.Unicode.Utf8.IsValid(bytes) ? Utf8.GetString(bytes) : null;
        return value is not null;
    }

    private static bool Fail(string reason, out string problem)
    {
        problem = reason;
        return false;
    }
}

/// <summary>What the broker uses of a request.</summary>
internal sealed record GitCredentialFields(string Protocol, string Host, string Path, string? UserName);
