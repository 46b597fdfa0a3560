using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace OnCell.Access;

/// <summary>The text of an API key: <c>oc_</c>, the id in 16 hexadecimal digits, <c>_</c>, and 256 random bits in base64url.</summary>
internal static class ApiKeyText
{
    private const string Prefix = "oc_";
    private const int IdLength = 16;
    private const int SecretBytes = 32;
    private const int SecretLength = 43;

    public static (string Id, string Secret) New() =>
        (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdLength / 2)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)));

    public static string Format(string id, string secret) => $"{Prefix}{id}_{secret}";

    /// <summary>Reads a key.</summary>
    /// <returns>Whether the text has the form of one.</returns>
    public static bool TryParse(string text, out string id, out string secret)
    {
        (id, secret) = ("", "");
        if (text.Length != Prefix.Length + IdLength + 1 + SecretLength) return false;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length + IdLength] != '_') return false;
        id = text.Substring(Prefix.Length, IdLength);
        secret = text[(Prefix.Length + IdLength + 1)..];
        return true;
    }

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
