namespace OnCell.Guest.Protocol;

/// <summary>What makes the guest that waits in the host's warm pool the guest of a cell. It comes over standard input, its length before it.</summary>
/// <param name="Binds">What lies below <c>/binds</c>, named by its number, and where the cell sees it.</param>
/// <param name="SharedMemoryBytes">The size of <c>/dev/shm</c>.</param>
/// <param name="Capabilities">The bits of the capabilities that the cell keeps.</param>
/// <param name="Arguments">The program that goes on as the cell's first process, and its arguments.</param>
/// <param name="Environment">Its environment, as <c>NAME=value</c>.</param>
internal sealed record MoveInMessage(
    IReadOnlyList<MoveInBind> Binds, long SharedMemoryBytes, long Capabilities, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment)
{
    /// <summary>The longest message.</summary>
    public const int MaxBytes = 4 << 20;

    private const int MinimumTextSize = 4;

    public void Write(WireWriter writer)
    {
        writer.Int32(Binds.Count);
        foreach (var bind in Binds)
        {
            writer.String(bind.Target);
            writer.Bool(bind.IsFile);
        }

        writer.Int64(SharedMemoryBytes);
        writer.Int64(Capabilities);
        Write(writer, Arguments);
        Write(writer, Environment);
    }

    public static MoveInMessage Read(ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        var binds = new MoveInBind[reader.Count(MinimumTextSize + 1)];
        for (var i = 0; i < binds.Length; i++)
            binds[i] = new MoveInBind(reader.String(), reader.Bool());
        var message = new MoveInMessage(binds, reader.Int64(), reader.Int64(), ReadTexts(ref reader), ReadTexts(ref reader));
        reader.End();
        return message;
    }

    private static void Write(WireWriter writer, IReadOnlyList<string> texts)
    {
        writer.Int32(texts.Count);
        foreach (var text in texts)
            writer.String(text);
    }

    private static string[] ReadTexts(ref WireReader reader)
    {
        var texts = new string[reader.Count(MinimumTextSize)];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = reader.String();
        return texts;
    }
}

/// <summary>A folder or file that the host bound into the waiting sandbox's root.</summary>
/// <param name="Target">Where the cell sees it.</param>
/// <param name="IsFile">Whether it is a file.</param>
internal sealed record MoveInBind(string Target, bool IsFile);
