using CsCheck;
using OnCell.Sandboxes.Egress;

namespace OnCell.Sandbox.Tests.Egress;

public sealed class ClientHelloTests
{
    [Theory]
    [InlineData(16384)]
    [InlineData(50)]
    [InlineData(7)]
    [InlineData(3)]
    public void The_name_is_found_however_the_hello_is_split(int recordBytes)
    {
        var stream = TestHello.Records(TestHello.Message("Site.Example"), recordBytes);
        for (var received = 0; received < stream.Length; received++)
            Assert.Equal(ClientHelloState.Incomplete, ClientHello.Read(stream.AsSpan(0, received), out _));
        Assert.Equal(ClientHelloState.Complete, ClientHello.Read(stream, out var name));
        Assert.Equal("site.example", name);
    }

    [Fact]
    public void A_hello_without_a_name_has_none()
    {
        Assert.Equal(ClientHelloState.Complete, ClientHello.Read(TestHello.Records(TestHello.Message()), out var name));
        Assert.Null(name);
    }

    [Fact]
    public void Other_bytes_are_not_tls() => Assert.Equal(ClientHelloState.NotTls, ClientHello.Read("SSH-2.0"u8, out _));

    [Fact]
    public void Two_names_are_malformed() =>
        AssertMalformed(TestHello.Records(TestHello.Message("site.example", "evil.example")));

    [Fact]
    public void A_list_of_two_names_is_malformed()
    {
        byte[] list = [0, 12, 0, 0, 3, (byte)'a', (byte)'.', (byte)'b', 0, 0, 3, (byte)'c', (byte)'.', (byte)'d'];
        AssertMalformed(TestHello.Records(TestHello.Message(TestHello.Extension(0, list))));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("site.example\0.evil")]
    [InlineData("")]
    [InlineData("site..example")]
    public void A_name_that_is_no_host_name_is_malformed(string name) =>
        AssertMalformed(TestHello.Records(TestHello.Message(name)));

    [Fact]
    public void A_second_message_in_the_record_is_malformed()
    {
        var message = TestHello.Message("site.example");
        AssertMalformed(TestHello.Records([.. message, .. message]));
    }

    [Fact]
    public void Endless_records_are_malformed_not_awaited()
    {
        byte[] header = [1, 0, 0x3F, 0];
        AssertMalformed(TestHello.Records([.. header, .. new byte[2000]], recordBytes: 1));
        AssertMalformed([22, 3, 1, 0, 4, 1, 1, 0, 0]); // A message of 64 KiB.
        AssertMalformed([22, 3, 1, 0, 0]); // An empty record.
    }

    [Fact]
    public void Any_bytes_are_read_without_a_fault_and_decided_within_the_limit() =>
        Gen.Byte.Array[0, 300].Select(bytes => (byte[])[22, 3, 1, .. bytes]).Sample(bytes =>
        {
            ClientHello.Read(bytes, out _);
            var full = new byte[ClientHello.MaxBytes];
            bytes.CopyTo(full, 0);
            Assert.NotEqual(ClientHelloState.Incomplete, ClientHello.Read(full, out _));
        });

    [Fact]
    public void A_damaged_hello_never_gains_another_name() =>
        Gen.Select(Gen.Int[0, 120], Gen.Byte).Sample((at, value) =>
        {
            var stream = TestHello.Records(TestHello.Message("site.example"));
            stream[at % stream.Length] = value;
            ClientHello.Read(stream, out var name);
            Assert.True(name is null || name.Length <= "site.example".Length);
        });

    private static void AssertMalformed(byte[] stream) =>
        Assert.Equal(ClientHelloState.Malformed, ClientHello.Read(stream, out _));
}
