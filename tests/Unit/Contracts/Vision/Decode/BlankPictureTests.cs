using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

public sealed class BlankPictureTests
{
    private static readonly InputSpec Plain = new(224, 224, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Theory]
    [InlineData(255, 0)]
    [InlineData(0, 0)]
    [InlineData(128, 2.2)]
    public void Decode_OneColourButForNoise_IsBlank(int grey, double noise)
    {
        Assert.True(IsBlank(Made(grey, noise, size: 0, contrast: 0)));
        using var image = Image.NewFromBuffer(Made(grey, noise, size: 0, contrast: 0));
        Assert.True(IsBlank(image.JpegsaveBuffer(q: 40)));
    }

    [Theory]
    [InlineData(8, 12)] // An eighth of the side, barely to be seen.
    [InlineData(20, 200)] // A small mark.
    public void Decode_SomethingOnIt_IsNotBlank(int partOfTheSide, int contrast) =>
        Assert.False(IsBlank(Made(255, 0, 224 / partOfTheSide, contrast)));

    [Fact]
    public void Decode_OddPixelsBelowOneInAThousand_IsBlank() => Assert.True(IsBlank(Made(200, 0, size: 7, contrast: 200)));

    private static byte[] Made(int grey, double noise, int size, int contrast)
    {
        using var black = Image.Black(224, 224, bands: 3);
        using var plain = black + grey;
        using var grain = Image.Gaussnoise(224, 224, mean: 0, sigma: noise, seed: 3);
        using var square = Image.Black(Math.Max(size, 1), Math.Max(size, 1), bands: 3) + (grey - contrast);
        using var marked = size == 0 ? plain.Copy() : plain.Insert(square, 100, 60);
        using var sum = (marked + grain).Rint().Cast(Enums.BandFormat.Uchar);
        using var image = sum.Copy(interpretation: Enums.Interpretation.Srgb);
        return image.PngsaveBuffer();
    }

    private bool IsBlank(byte[] bytes)
    {
        var outcome = _decoder.Decode(bytes, Plain, new float[Plain.RowLength]);
        Assert.True(outcome.IsOk, outcome.Message);
        return outcome.IsBlank;
    }
}
