using System.Text.RegularExpressions;

namespace SecuritySample;

/// <summary>A kind of weakness: what to search for, and by which sign a line is a candidate.</summary>
/// <param name="Id">Its CWE number and name.</param>
/// <param name="Query">What the index is asked.</param>
/// <param name="Sign">The sign.</param>
public sealed partial record Weakness(string Id, string Query, Regex Sign)
{
    /// <summary>Gets the kinds that are looked for, in the languages that most projects are written in.</summary>
    public static IReadOnlyList<Weakness> All { get; } =
    [
        new("CWE-78 command injection", "run a shell command, subprocess, os.system, exec", Command()),
        new("CWE-95 evaluated code", "eval exec compile source code from a string", Evaluated()),
        new("CWE-502 unsafe deserialization", "pickle yaml load deserialize object from bytes", Deserialized()),
        new("CWE-798 credential in the code", "password secret token api key constant", Credential()),
        new("CWE-89 query by concatenation", "sql select insert query string format execute", Concatenated()),
        new("CWE-295 certificate not checked", "tls ssl verify certificate disable", Unchecked()),
        new("CWE-327 broken hash", "md5 sha1 hash digest", Hash()),
    ];

    [GeneratedRegex(@"\bos\.(system|popen)\s*\(|shell\s*=\s*True|\bRuntime\.getRuntime\(\)\.exec|child_process|`[^`]*\$\{", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Command();

    [GeneratedRegex(@"(?<![\w.])(eval|exec)\s*\(", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Evaluated();

    [GeneratedRegex(@"\b(pickle|cPickle|marshal|shelve)\.loads?\s*\(|yaml\.load\s*\((?!.*Safe)|BinaryFormatter|ObjectInputStream", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Deserialized();

    [GeneratedRegex(@"(?i)\b(password|passwd|secret|api_?key|token)\b\s*[:=]\s*[""'][^""'\s]{8,}[""']", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Credential();

    [GeneratedRegex(@"(?i)[""'](select|insert|update|delete)\b[^""']*[""']\s*(\+|%|\.format)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Concatenated();

    [GeneratedRegex(@"verify\s*=\s*False|CERT_NONE|InsecureSkipVerify\s*:\s*true|rejectUnauthorized\s*:\s*false", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Unchecked();

    [GeneratedRegex(@"(?i)\b(md5|sha1)\s*\(", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Hash();
}
