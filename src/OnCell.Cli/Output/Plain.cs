using System.Text;
using System.Text.RegularExpressions;

namespace OnCell.Cli.Output;

/// <summary>Text from a service or a cell, made harmless for a terminal: no escapes that move, hide or rename anything.</summary>
internal static partial class Plain
{
    public static string Text(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var c in Escapes().Replace(text, ""))
        {
            if (c is '\n' or '\t' || (!char.IsControl(c) && c is not (>= '\u202a' and <= '\u202e') and not (>= '\u2066' and <= '\u2069'))) clean.Append(c);
        }

        return clean.ToString();
    }

    [GeneratedRegex(@"\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])")]
    private static partial Regex Escapes();
}
