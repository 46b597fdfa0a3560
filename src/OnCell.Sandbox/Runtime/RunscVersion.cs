using System.Globalization;
using System.Text.RegularExpressions;

namespace OnCell.Sandboxes.Runtime;

/// <summary>A release of runsc, by its date: 20240729 of "release-20240729.0" (gVisor) and "0.0~20240729.0" (Debian).</summary>
internal static partial class RunscVersion
{
    /// <summary>The oldest release that this library was tried with; kept equal to RUNSC_MINIMUM of eng/setup.sh.</summary>
    internal const int Minimum = 20240729;

    internal const string Fix =
        "Run eng/setup.sh as root (Debian: 'apt install -t bookworm-backports runsc'), or install it as https://gvisor.dev/docs/user_guide/install says.";

    /// <summary>Reads the release from the output of <c>runsc --version</c>; <see langword="null"/> where there is none in it.</summary>
    internal static int? Parse(string output) =>
        Release().Match(output) is { Success: true } match ? int.Parse(match.ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <exception cref="SandboxException">The release is too old or unknown.</exception>
    internal static void Require(string output)
    {
        if (Parse(output) is not int release)
            throw new SandboxException($"runsc does not tell its release (\"{output.Trim()}\"); {Minimum} or newer is needed. {Fix}");
        if (release < Minimum)
            throw new SandboxException($"runsc {release} is too old; {Minimum} or newer is needed. {Fix}");
    }

    [GeneratedRegex(@"(?<=\b|~|-)20\d{6}(?=\b|\.)")]
    private static partial Regex Release();
}
