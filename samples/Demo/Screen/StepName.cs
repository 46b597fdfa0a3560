namespace OnCell.Demo.Screen;

/// <summary>Makes a step's name fit a line.</summary>
internal static class StepName
{
    private const int MaxLength = 72;

    public static string Shorten(string name)
    {
        var line = string.Join(' ', name.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MaxLength ? line : line[..(MaxLength - 1)] + "…";
    }
}
