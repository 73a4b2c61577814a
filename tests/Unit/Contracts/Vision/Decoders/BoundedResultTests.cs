using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decoders;

public sealed class BoundedResultTests
{
    private const int LongestSide = 4;

    [Fact]
    public void Read_OfWhatWasWritten_GivesIt()
    {
        var pixels = new BoundedPixels(2, 3, [.. Enumerable.Range(0, 18).Select(i => (byte)i)]);
        var output = new byte[100];

        var made = output[..BoundedResult.Write(pixels, output)];

        Assert.True(BoundedResult.IsOne(made, LongestSide));
        var read = BoundedResult.Read(made);
        Assert.Equal((2, 3), (read.Width, read.Height));
        Assert.Equal(pixels.Rgb, read.Rgb);
    }

    [Theory]
    [InlineData(2, 3, 17)]
    [InlineData(2, 3, 19)]
    [InlineData(5, 1, 15)]
    [InlineData(1, 5, 15)]
    [InlineData(0, 3, 0)]
    [InlineData(-2, -3, 18)]
    [InlineData(int.MinValue, 2, 0)]
    [InlineData(65536, 65536, 0)]
    public void IsOne_SizeThatDoesNotFit_IsFalse(int width, int height, int bytes)
    {
        var output = new byte[100];
        var length = BoundedResult.Write(new BoundedPixels(width, height, new byte[bytes]), output);

        Assert.False(BoundedResult.IsOne(output.AsSpan(0, length), LongestSide));
    }

    [Fact]
    public void IsOne_ShorterThanItsSize_IsFalse() => Assert.All(
        Enumerable.Range(0, 8), length => Assert.False(BoundedResult.IsOne(new byte[length], LongestSide)));
}
