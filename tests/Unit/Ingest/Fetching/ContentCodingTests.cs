using System.IO.Compression;
using CpfPipeline.Ingest.Fetching;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class ContentCodingTests
{
    private static readonly byte[] Body = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i % 7))];

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    public void Decode_EveryCoding_GivesTheBody(string coding)
    {
        var (packed, name) = (Pack(coding), coding == "raw deflate" ? "deflate" : coding);
        Assert.Equal(Body, ContentCoding.Decode(packed, [name], 5000));
        if (coding != "identity")
        {
            Assert.Null(ContentCoding.Decode(packed, [name], 4999));
        }
    }

    [Fact]
    public void Decode_SeveralCodings_InReverse() =>
        Assert.Equal([1, 2, 3], ContentCoding.Decode(Gzip(Gzip([1, 2, 3])), ["gzip", "gzip"], 100));

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public void Decode_HeaderThatLies_GivesTheBodyAsItIs(string coding)
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1];
        Assert.Equal(jpeg, ContentCoding.Decode(jpeg, [coding], 100));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public void Decode_BodyThatWasCut_GivesItsBeginning(string coding)
    {
        var random = new byte[200_000];
        new Random(1).NextBytes(random);
        byte[] picture = [0xFF, 0xD8, 0xFF, 0xE0, .. random];
        var packed = Pack(coding, picture);
        var beginning = ContentCoding.Decode(packed[..(packed.Length / 2)], [coding], 1_000_000)!;
        Assert.InRange(beginning.Length, 50_000, picture.Length - 1);
        Assert.Equal(picture[..beginning.Length], beginning);
    }

    [Fact]
    public void Decode_UnknownCoding_Throws() => Assert.Throws<NotSupportedException>(() => ContentCoding.Decode([1], ["zstd"], 100));

    [Fact]
    public void Decode_MoreThanThreeCodings_Throws()
    {
        var body = Gzip(Gzip(Gzip([1, 2, 3])));
        Assert.Equal([1, 2, 3], ContentCoding.Decode(body, ["gzip", "identity", "gzip", "", "gzip"], 100));
        Assert.Throws<NotSupportedException>(() => ContentCoding.Decode(Gzip(body), ["gzip", "gzip", "gzip", "gzip"], 100));
    }

    [Fact]
    public void Decode_Cancelled_Ends() => Assert.Throws<OperationCanceledException>(
        () => ContentCoding.Decode(Gzip([1, 2, 3]), ["gzip"], 100, new CancellationToken(canceled: true)));

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
        {
            stream.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Pack(string coding, byte[]? body = null)
    {
        using var packed = new MemoryStream();
        using (Stream stream = coding switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
            "raw deflate" => new DeflateStream(packed, CompressionLevel.Fastest),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            _ => packed,
        })
        {
            stream.Write(body ?? Body);
        }

        return packed.ToArray();
    }
}
