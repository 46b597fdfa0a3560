using System.Security.Cryptography;
using OnCell.Guest.Protocol;

namespace OnCell.Sandboxes;

/// <summary>Turns a caller's <see cref="ExecSpec"/> into what goes to the guest.</summary>
internal static class ExecRequests
{
    private const int MinOutputBytes = 1024;
    private const int MaxOutputBytes = 64 * 1024 * 1024;

    /// <exception cref="ArgumentException">The specification cannot be.</exception>
    public static ExecRequest Create(ExecSpec spec)
    {
        Check(spec);
        var request = new ExecRequest
        {
            Key = spec.Key ?? "",
            Fingerprint = [],
            WorkingDirectory = spec.WorkingDirectory,
            Arguments = spec.Arguments,
            Environment = Environment(spec.Environment.Concat(spec.SecretEnvironment.Select(v => KeyValuePair.Create(v.Key, (string?)"")))),
            StandardInputLength = spec.StandardInput.Length,
            InteractiveInput = spec.InteractiveInput || spec.Terminal is not null,
            TerminalRows = (ushort)(spec.Terminal?.Rows ?? 0),
            TerminalColumns = (ushort)(spec.Terminal?.Columns ?? 0),
            MaxOutputBytes = spec.MaxOutputBytes,
        };
        return request with
        {
            Environment = Environment(spec.Environment.Concat(spec.SecretEnvironment)),
            Fingerprint = spec.Key is null ? [] : Fingerprint(request, spec.StandardInput.Span),
            TimeoutMilliseconds = Milliseconds(spec.Timeout, nameof(spec.Timeout)),
            NoOutputTimeoutMilliseconds = Milliseconds(spec.NoOutputTimeout, nameof(spec.NoOutputTimeout)),
        };
    }

    /// <summary>The variables in the order of their names; of two with one name the later, which is the secret.</summary>
    private static KeyValuePair<string, string?>[] Environment(IEnumerable<KeyValuePair<string, string?>> variables) =>
        [.. variables.GroupBy(v => v.Key, StringComparer.Ordinal).Select(g => g.Last()).OrderBy(v => v.Key, StringComparer.Ordinal)];

    /// <summary>Makes a request that finds a command by its key alone and never starts one.</summary>
    /// <exception cref="ArgumentException">The key or the number is none.</exception>
    public static ExecRequest Attach(string key, int maxOutputBytes)
    {
        CheckKey(key);
        CheckOutputBytes(maxOutputBytes, nameof(maxOutputBytes));
        return new ExecRequest
        {
            Key = key,
            Fingerprint = [],
            WorkingDirectory = "/",
            Arguments = [],
            Environment = [],
            MaxOutputBytes = maxOutputBytes,
            AttachOnly = true,
        };
    }

    /// <exception cref="ArgumentException">The text is no key.</exception>
    public static void CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length is 0 or > ProtocolConstants.MaxKeyLength
            || !key.All(c => char.IsAsciiLetterOrDigit(c) || "-_.:/#".Contains(c)))
            throw new ArgumentException(
                $"\"{key}\" is not a key: use 1 to {ProtocolConstants.MaxKeyLength} of letters, digits and -_.:/#.",
                nameof(key));
    }

    /// <exception cref="ArgumentException">No terminal has this size.</exception>
    public static void CheckSize(TerminalSize size)
    {
        if (size.Rows is < 1 or > ushort.MaxValue || size.Columns is < 1 or > ushort.MaxValue)
            throw new ArgumentException($"{size.Rows} rows and {size.Columns} columns are no terminal.", nameof(size));
    }

    private static void Check(ExecSpec spec)
    {
        if (spec.Key is not null)
            CheckKey(spec.Key);
        if (spec.Arguments.Count == 0 || spec.Arguments[0].Length == 0)
            throw new ArgumentException("The command has no program.", nameof(spec));
        CheckOutputBytes(spec.MaxOutputBytes, nameof(spec));
        if (spec.StandardInput.Length > ProtocolConstants.MaxStandardInput)
            throw new ArgumentException(
                $"Standard input has {spec.StandardInput.Length} bytes; at most {ProtocolConstants.MaxStandardInput} "
                + "are possible. Write a file instead.", nameof(spec));
        if (spec.Terminal is { } size)
            CheckSize(size);
        if ((spec.InteractiveInput || spec.Terminal is not null) && (spec.Key is not null || !spec.StandardInput.IsEmpty))
            throw new ArgumentException(
                "A command with a key, or with its standard input given, has neither a terminal nor typed input.", nameof(spec));
        if (!spec.WorkingDirectory.StartsWith('/'))
            throw new ArgumentException($"The working directory {spec.WorkingDirectory} is not absolute.", nameof(spec));
        foreach (var text in spec.Arguments.Append(spec.WorkingDirectory))
            CheckText(text);
        foreach (var (name, value) in spec.Environment.Concat(spec.SecretEnvironment))
        {
            CheckText(name);
            CheckText(value ?? "");
            if (name.Length == 0 || name.Contains('='))
                throw new ArgumentException($"\"{name}\" cannot name an environment variable.", nameof(spec));
        }
    }

    private static void CheckOutputBytes(int count, string parameter)
    {
        if (count is < MinOutputBytes or > MaxOutputBytes)
            throw new ArgumentException($"MaxOutputBytes is {count}; use {MinOutputBytes} to {MaxOutputBytes}.", parameter);
    }

    private static void CheckText(string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("An argument, folder or variable contains a zero byte.", nameof(text));
    }

    /// <summary>What makes a command the same one. Time-outs and caps do not: a new release may change them.</summary>
    private static byte[] Fingerprint(ExecRequest request, ReadOnlySpan<byte> standardInput)
    {
        var writer = new WireWriter();
        (request with { Key = "", MaxOutputBytes = 0 }).Write(writer);
        writer.Bytes(SHA256.HashData(standardInput));
        return SHA256.HashData(writer.Written);
    }

    private static long Milliseconds(TimeSpan? limit, string name)
    {
        if (limit is not { } time)
            return 0;
        if (time <= TimeSpan.Zero)
            throw new ArgumentException($"{name} is {time}; use a positive time, or null for no limit.", name);
        return Math.Max(1, (long)time.TotalMilliseconds);
    }
}
