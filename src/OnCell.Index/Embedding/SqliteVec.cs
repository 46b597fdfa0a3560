using System.Collections.Frozen;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace OnCell.Indexing.Embedding;

/// <summary>Loads the extension sqlite-vec into a connection.</summary>
/// <remarks>
/// The native comes with this library for five platforms (<c>runtimes/</c>). It is machine code that SQLite loads by its path, so its
/// hash is checked before.
/// </remarks>
internal static class SqliteVec
{
    private static readonly FrozenDictionary<string, (string File, string Sha256)> Natives =
        new Dictionary<string, (string File, string Sha256)>
        {
            ["linux-x64"] = ("vec0.so", "5923730861b86c707cca5602b5f91092f9e52a46706dbc6e269fd4bb9c4498e8"),
            ["linux-arm64"] = ("vec0.so", "0b84cbd06418ca3040827deddd650539be05be0f657952426b926c8606217437"),
            ["osx-x64"] = ("vec0.dylib", "d39d33d16d302d57440d9a9cdbe3cc095e8324aa96b979b5171f545a6346996d"),
            ["osx-arm64"] = ("vec0.dylib", "193e480c50b59a55977d166f4aaf0e1bc8832d6963516e5950f39e4d2ce0b793"),
            ["win-x64"] = ("vec0.dll", "fcf98662a7ad9dce394b96a88f91032047823831b951c76636787c312a6476e6"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly Lazy<string> VerifiedPath = new(() => Find(Folders()));

    /// <summary>Loads the extension.</summary>
    /// <exception cref="CodeIndexException"><see cref="CodeIndexError.NativeUnusable"/>: missing, changed, or none for this platform.</exception>
    public static void LoadInto(SqliteConnection connection)
    {
        try
        {
            connection.LoadExtension(VerifiedPath.Value);
        }
        catch (SqliteException e)
        {
            throw new CodeIndexException(
                CodeIndexError.NativeUnusable, $"SQLite cannot load '{VerifiedPath.Value}': {e.Message} Use VectorScan.Memory, which needs no native.", e);
        }
    }

    /// <summary>Finds this platform's native and checks its hash.</summary>
    /// <param name="folders">Where to look, in this order.</param>
    /// <returns>Its absolute path.</returns>
    internal static string Find(IEnumerable<string> folders)
    {
        if (!Natives.TryGetValue(Platform, out var native))
            throw Unusable($"sqlite-vec is not carried for {Platform}.");
        var looked = new List<string>();
        foreach (var folder in folders)
        {
            var path = Path.GetFullPath(Path.Combine(folder, native.File));
            looked.Add(path);
            if (!File.Exists(path)) continue;
            var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
            return hash == native.Sha256 ? path : throw Unusable($"'{path}' has the SHA-256 {hash}, not {native.Sha256}, and is not loaded.");
        }

        throw Unusable($"The native of sqlite-vec is at none of: {string.Join(", ", looked)}.");
    }

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Where natives of packages lie: beside the program, or below it by platform.</summary>
    private static IEnumerable<string> Folders()
    {
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", Platform, "native");
        yield return AppContext.BaseDirectory;
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is not string known) yield break;
        foreach (var folder in known.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)) yield return folder;
    }

    private static CodeIndexException Unusable(string why)
        => new(CodeIndexError.NativeUnusable, why + " Install the package anew, or use VectorScan.Memory, which needs no native.");
}
