namespace OnCell.Indexing.Ignoring;

/// <summary>A set of byte values.</summary>
internal struct ByteSet
{
    private ulong _a, _b, _c, _d;

    public void Add(byte value)
    {
        var bit = 1UL << (value & 63);
        switch (value >> 6)
        {
            case 0: _a |= bit; break;
            case 1: _b |= bit; break;
            case 2: _c |= bit; break;
            default: _d |= bit; break;
        }
    }

    public void AddRange(byte first, byte last)
    {
        for (var value = (int)first; value <= last; value++) Add((byte)value);
    }

    public void Invert() => (_a, _b, _c, _d) = (~_a, ~_b, ~_c, ~_d);

    public readonly bool Contains(byte value)
    {
        var word = (value >> 6) switch { 0 => _a, 1 => _b, 2 => _c, _ => _d };
        return (word >> (value & 63) & 1) != 0;
    }
}
