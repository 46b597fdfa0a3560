using System.Text;

namespace CodingSample;

/// <summary>Makes a title fit for a branch name.</summary>
public static class Slug
{
    private const int MaxLength = 48;

    /// <summary>Gets the title in lower case with runs of anything but letters and digits as one hyphen.</summary>
    public static string Of(string title)
    {
        var slug = new StringBuilder();
        foreach (var c in title)
        {
            if (char.IsAsciiLetterOrDigit(c))
                slug.Append(char.ToLowerInvariant(c));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
            if (slug.Length == MaxLength)
                break;
        }

        var trimmed = slug.ToString().Trim('-');
        return trimmed.Length > 0 ? trimmed : "change";
    }
}
