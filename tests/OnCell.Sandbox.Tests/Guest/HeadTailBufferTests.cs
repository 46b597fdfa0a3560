using CsCheck;
using OnCell.Sandboxes;

namespace OnCell.Sandbox.Tests.Guest;

public sealed class HeadTailBufferTests
{
    [Fact]
    public void It_keeps_the_first_and_the_last_half() =>
        Gen.Select(Gen.Int[2, 64], Gen.Byte.Array[0, 40].Array[0, 20]).Sample((capacity, pieces) =>
        {
            var buffer = new HeadTailBuffer(capacity);
            foreach (var piece in pieces)
                buffer.Append(piece);
            var all = pieces.SelectMany(p => p).ToArray();
            Assert.Equal(all.Length, buffer.Total);
            if (all.Length <= capacity)
            {
                Assert.Equal(all, buffer.ToArray());
                Assert.Equal(0, buffer.Omitted);
                return;
            }
            var head = capacity - capacity / 2;
            Assert.Equal([.. all[..head], .. all[^(capacity / 2)..]], buffer.ToArray());
            Assert.Equal(all.Length - capacity, buffer.Omitted);
        });

    [Fact]
    public void What_the_sender_left_out_counts_as_omitted()
    {
        var buffer = new HeadTailBuffer(8);
        buffer.Append("abcdef"u8);
        buffer.Skip(100);
        buffer.Append("xyz"u8);
        Assert.Equal("abcdxyz"u8.ToArray(), buffer.ToArray());
        Assert.Equal(109, buffer.Total);
        Assert.Equal(102, buffer.Omitted);
    }
}
