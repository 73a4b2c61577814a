using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

public sealed class MatteTests
{
    private static readonly InputSpec Plain = new(32, 32, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Fact]
    public void Lay_EveryValueAndAlpha_EqualsLibvips()
    {
        var rgba = new byte[256 * 256 * 4];
        for (var i = 0; i < 256 * 256; i++)
        {
            rgba.AsSpan(4 * i, 4).Fill((byte)(i & 255));
            rgba[(4 * i) + 3] = (byte)(i >> 8);
        }

        foreach (var matte in new[] { 0, 255 })
        {
            using var raw = Image.NewFromMemory(rgba, 256, 256, 4, Enums.BandFormat.Uchar);
            using var image = raw.Copy(interpretation: Enums.Interpretation.Srgb);
            using var flat = image.Flatten(background: [matte]);
            var expected = flat.WriteToMemory<byte>();
            for (var i = 0; i < 256 * 256; i++)
            {
                Assert.Equal(expected[3 * i], Matte.Lay(i & 255, i >> 8, matte));
            }
        }
    }

    [Fact]
    public void Decode_WhiteDrawingsOnTransparency_KeepTheirShapes()
    {
        var (circle, square) = (Decode(Drawing(255, round: true)), Decode(Drawing(255, round: false)));

        Assert.Equal(0f, circle[0]);
        Assert.Equal(1f, circle[(16 * 32) + 16]);
        Assert.True(circle.Zip(square).Count(p => Math.Abs(p.First - p.Second) > .5f) > 100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(120)]
    [InlineData(200)]
    public void Decode_DrawingThatShowsOnWhite_LiesOnWhite(int grey)
    {
        var row = Decode(Drawing(grey, round: true));
        Assert.Equal(1f, row[0]);
        Assert.Equal(grey / 255f, row[(16 * 32) + 16], .01f);
    }

    [Fact]
    public void Decode_NothingVisible_IsBlankOnWhite()
    {
        using var image = TestPictures.Pattern();
        using var clear = image.Bandjoin(0);
        var row = new float[Plain.RowLength];

        Assert.True(_decoder.Decode(clear.PngsaveBuffer(), Plain, row).IsBlank);

        Assert.All(row, v => Assert.Equal(1f, v));
    }

    private static byte[] Drawing(int grey, bool round)
    {
        var rgba = new byte[64 * 64 * 4];
        for (var i = 0; i < 64 * 64; i++)
        {
            var (x, y) = ((i % 64) - 32, (i / 64) - 32);
            var inside = round ? (x * x) + (y * y) < 500 : Math.Abs(x) < 28 && Math.Abs(y) < 12;
            rgba.AsSpan(4 * i, 3).Fill((byte)grey);
            rgba[(4 * i) + 3] = inside ? (byte)255 : (byte)0;
        }

        using var raw = Image.NewFromMemory(rgba, 64, 64, 4, Enums.BandFormat.Uchar);
        using var image = raw.Copy(interpretation: Enums.Interpretation.Srgb);
        return image.PngsaveBuffer();
    }

    private float[] Decode(byte[] bytes)
    {
        var row = new float[Plain.RowLength];
        var outcome = _decoder.Decode(bytes, Plain, row);
        Assert.True(outcome.IsOk, outcome.Message);
        Assert.False(outcome.IsBlank);
        return row;
    }
}
