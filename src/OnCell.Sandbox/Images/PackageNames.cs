using System.Text.RegularExpressions;

namespace OnCell.Sandboxes.Images;

/// <summary>The names people use for tools, and the packages of Debian and Ubuntu that hold them.</summary>
internal static partial class PackageNames
{
    private static readonly Dictionary<string, string[]> Common = new(StringComparer.Ordinal)
    {
        ["node"] = ["nodejs", "npm"],
        ["nodejs"] = ["nodejs", "npm"],
        ["python"] = ["python3"],
        ["pip"] = ["python3-pip", "python3-venv"],
        ["dotnet"] = ["dotnet-sdk-8.0"],
        ["go"] = ["golang-go"],
        ["golang"] = ["golang-go"],
        ["rust"] = ["rustc", "cargo"],
        ["java"] = ["default-jdk-headless"],
        ["ruby"] = ["ruby-full"],
        ["php"] = ["php-cli"],
        ["c"] = ["build-essential"],
        ["c++"] = ["build-essential"],
        ["ssh"] = ["openssh-client"],
    };

    private static readonly string[] Always = ["ca-certificates"];

    /// <summary>Maps common names and puts the packages in order, each once.</summary>
    /// <exception cref="SandboxException">A name cannot be a package.</exception>
    internal static IReadOnlyList<string> Resolve(IEnumerable<string> names)
    {
        var packages = new SortedSet<string>(Always, StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (Common.TryGetValue(name, out var mapped))
                packages.UnionWith(mapped);
            else if (Form().IsMatch(name))
                packages.Add(name);
            else
                throw new SandboxException(
                    $"\"{name}\" is not a package name: use 2 or more of a-z, 0-9, '+', '-' and '.', such as \"nodejs\" or \"python3\".");
        }

        return [.. packages];
    }

    /// <summary>Finds the known names most like a wrong one, best first.</summary>
    internal static IReadOnlyList<string> Near(string wrong, IEnumerable<string> known, int count = 5) =>
        [.. known
            .Select(name => (Name: name, Score: Score(wrong, name)))
            .Where(candidate => candidate.Score <= 3)
            .OrderBy(candidate => candidate.Score).ThenBy(candidate => candidate.Name.Length)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(count).Select(candidate => candidate.Name)];

    private static int Score(string wrong, string name)
    {
        if (name.Length >= 3 && (name.StartsWith(wrong, StringComparison.Ordinal) || wrong.StartsWith(name, StringComparison.Ordinal)))
            return 1;
        return Math.Abs(wrong.Length - name.Length) > 3 ? int.MaxValue : Distance(wrong, name);
    }

    // Damerau-Levenshtein, optimal string alignment: insert, remove, change or swap neighbours, each costs 1.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9+.-]{1,99}\z")]
    private static partial Regex Form();
}
