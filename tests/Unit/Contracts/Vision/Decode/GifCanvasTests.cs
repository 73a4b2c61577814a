using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

public sealed class GifCanvasTests
{
    private static readonly InputSpec Plain = new(32, 32, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Fact]
    public void Decode_FrameSmallerThanItsCanvas_LiesOnWhite()
    {
        var row = new float[Plain.RowLength];

        var outcome = _decoder.Decode(GifFile.Make(64, 64, 16, 16, 32, 32, (200, 40, 0)), Plain, row);

        Assert.True(outcome.IsOk, outcome.Message);
        Assert.Equal((64, 64), (outcome.Width, outcome.Height));
        Assert.Equal(1f, row[(2 * 32) + 2]);
        Assert.Equal(1f, row[(30 * 32) + 30]);
        Assert.Equal(200 / 255f, row[(16 * 32) + 16], .01f);
        Assert.Equal(40 / 255f, row[1024 + (16 * 32) + 16], .01f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Decode_CanvasOfNoSize_HasTheSizeOfTheFrame(int side)
    {
        var row = new float[Plain.RowLength];

        var outcome = _decoder.Decode(GifFile.Make(side, side, 0, 0, 48, 40, (0, 90, 0)), Plain, row);

        Assert.True(outcome.IsOk, outcome.Message);
        Assert.Equal((48, 40), (outcome.Width, outcome.Height));
        Assert.All(row[1024..2048], v => Assert.Equal(90 / 255f, v, .01f));
    }
}
