using System.IO.Compression;
using CpfPipeline.Ingest.Streams;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Streams;

public sealed class WholeGzipStreamTests
{
    private static readonly byte[] Text = [.. Enumerable.Range(0, 300_000).Select(i => (byte)("abcdefg\n"[(i * 7919 >> 5) & 7]))];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Read_Members_AreReadOneAfterTheOther(int members)
    {
        var packed = Enumerable.Repeat(Pack(Text), members).SelectMany(m => m).ToArray();
        Assert.Equal(Enumerable.Repeat(Text, members).SelectMany(m => m), Unpack(packed));
        Assert.Empty(Unpack(Pack([])));
    }

    [Fact]
    public void Read_CutAnywhere_Fails()
    {
        var member = Pack(Text[..2000]);
        byte[] packed = [.. member, .. member];
        Assert.All(
            Enumerable.Range(1, packed.Length - 1).Where(length => length != member.Length),
            length => Assert.Throws<InvalidDataException>(() => Unpack(packed[..length])));
    }

    [Fact]
    public async Task ReadAsync_SmallBuffer_GivesTheSame()
    {
        await using var stream = new WholeGzipStream(new MemoryStream(Pack(Text[..5000])));
        var (plain, buffer) = (new MemoryStream(), new byte[7]);
        while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) is var length and > 0)
        {
            plain.Write(buffer, 0, length);
        }

        Assert.Equal(Text[..5000], plain.ToArray());
    }

    private static byte[] Pack(byte[] text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(text);
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var stream = new WholeGzipStream(new MemoryStream(packed));
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        return plain.ToArray();
    }
}
