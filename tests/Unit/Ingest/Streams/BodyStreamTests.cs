using System.IO.Compression;
using CpfPipeline.Ingest.Streams;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Streams;

/// <summary>A body that was cut is never taken for a whole one, whichever coding its server chose.</summary>
public sealed class BodyStreamTests
{
    private static readonly byte[] Text = [.. Enumerable.Range(0, 20_000).Select(i => (byte)("abcdefg\n"[(i * 7919 >> 5) & 7]))];

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    public async Task OpenAsync_WholeBody_IsRead(string coding) => Assert.Equal(Text, await UnpackAsync(coding, Pack(coding)));

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("raw deflate")]
    [InlineData("br")]
    public async Task OpenAsync_BodyCutAnywhere_Fails(string coding)
    {
        var packed = Pack(coding);
        foreach (var length in Enumerable.Range(2, 40).Concat(Enumerable.Range(1, 40).Select(n => packed.Length - n)))
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(coding, packed[..length]));
        }
    }

    [Fact]
    public async Task OpenAsync_ThousandsOfCodings_AreRefused() => await Assert.ThrowsAsync<NotSupportedException>(
        () => BodyStream.OpenAsync(new MemoryStream(Text), Enumerable.Repeat("gzip", 10_000), TestContext.Current.CancellationToken));

    // The outer one is read from while the inner one is opened.
    [Fact]
    public async Task OpenAsync_BrotliTwiceOverOtherBytes_IsInvalidData() => await Assert.ThrowsAsync<InvalidDataException>(
        () => BodyStream.OpenAsync(new MemoryStream(Text), ["br", "br"], TestContext.Current.CancellationToken));

    private static byte[] Pack(string coding)
    {
        using var packed = new MemoryStream();
        using (Stream stream = coding switch
        {
            "gzip" or "x-gzip" => new GZipStream(packed, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            _ => new DeflateStream(packed, CompressionLevel.Fastest),
        })
        {
            stream.Write(Text);
        }

        return packed.ToArray();
    }

    private static async Task<byte[]> UnpackAsync(string coding, byte[] packed)
    {
        await using var stream = await BodyStream.OpenAsync(
            new MemoryStream(packed), [coding.Split(' ')[^1]], TestContext.Current.CancellationToken);
        using var plain = new MemoryStream();
        await stream.CopyToAsync(plain, TestContext.Current.CancellationToken);
        return plain.ToArray();
    }
}
