using System.Text;

namespace OnCell.Benchmarks.Index;

/// <summary>Writes source trees of a given size, the same each time.</summary>
/// <remarks>Words follow a skewed distribution, and each file has words of its own, as code has.</remarks>
internal static class SourceMaker
{
    private const int LinesPerFile = 160;

    private static readonly string[] Words =
        ("request response router handler session token parser buffer stream socket client server cache index query result " +
         "file path node tree list map set key value item entry record event queue task worker job state config option error " +
         "message header body field type name size length offset count limit start end begin commit merge split join read write " +
         "open close send receive load save create update delete remove insert find search match filter sort group order parse " +
         "format encode decode compress expand encrypt sign verify validate check test build run stop pause resume retry wait " +
         "lock unlock signal notify watch poll flush sync async batch page block chunk segment frame packet channel pipe port")
        .Split(' ');

    public static int Write(string folder, int lines)
    {
        var random = new Random(lines);
        var files = Math.Max(1, lines / LinesPerFile);
        for (var file = 0; file < files; file++)
        {
            var directory = Path.Combine(folder, $"package{file / 400}", $"{Word(random)}{file / 20 % 20}");
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, $"{Word(random)}_{Word(random)}_{file}.py"), Source(random, file, LinesPerFile));
        }

        return files;
    }

    /// <summary>Makes a text of about so many lines.</summary>
    public static string Source(Random random, int file, int lines)
    {
        var text = new StringBuilder();
        for (var line = 0; line < lines; line += 8)
        {
            text.Append($"def {Word(random)}_{Word(random)}_{file}_{line}({Word(random)}, {Word(random)}, unique_{file}):\n")
                .Append($"    \"\"\"{Word(random)} the {Word(random)} of a {Word(random)} and {Word(random)} it.\"\"\"\n")
                .Append($"    {Word(random)} = {Word(random)}.{Word(random)}({Word(random)}{random.Next(50)})\n")
                .Append($"    if {Word(random)} is not None and self.{Word(random)}_{Word(random)} > {random.Next(1_000)}:\n")
                .Append($"        raise {Word(random)}Error(f\"{Word(random)} {{{Word(random)}}} has no {Word(random)}\")\n")
                .Append($"    for {Word(random)} in self.{Word(random)}_{Word(random)}({Word(random)}):\n")
                .Append($"        {Word(random)}.{Word(random)}_{Word(random)}({Word(random)}, {Word(random)}=True)\n\n");
        }

        return text.ToString();
    }

    /// <summary>Few words are common: the square of a uniform number.</summary>
    public static string Word(Random random)
    {
        var uniform = random.NextDouble();
        return Words[(int)(uniform * uniform * Words.Length)];
    }
}
