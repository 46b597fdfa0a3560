namespace OnCell.Sandboxes.Egress;

/// <summary>The head of an upstream's answer.</summary>
internal sealed record HttpResponseHead
{
    public required HttpHead Head { get; init; }

    public required int Status { get; init; }

    public required string Phrase { get; init; }

    public required bool IsHttp11 { get; init; }

    public bool IsInterim => Status < 200;

    public bool KeepAlive => IsHttp11 && !Head.Elements("Connection").Contains("close", StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ProtocolException">It is malformed, or switches protocols, which the proxy never asks for.</exception>
    public static HttpResponseHead Parse(HttpHead head)
    {
        var line = head.StartLine.Split(' ', 3);
        if (line.Length < 2 || line[0] is not ("HTTP/1.1" or "HTTP/1.0")
            || line[1].Length != 3 || !line[1].All(char.IsAsciiDigit) || line[1][0] is < '1' or > '5' || line[1] == "101")
            throw new ProtocolException("the upstream's answer is malformed", status: 502);
        return new HttpResponseHead
        {
            Head = head,
            Status = int.Parse(line[1], System.Globalization.CultureInfo.InvariantCulture),
            Phrase = line.Length == 3 ? line[2] : "",
            IsHttp11 = line[0] == "HTTP/1.1",
        };
    }
}
