using CpfPipeline.Learning.Augmentation;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Augmentation;

public sealed class AugmenterTests
{
    private static readonly AugmentationOptions Everything = new() { Blur = 1, Noise = 1, Mark = 1, Border = 1 };

    [Fact]
    public void Apply_SameDraws_SameBytes()
    {
        var picture = Slopes(30, 40);
        var before = (byte[])picture.Pixels.Clone();
        var augmenter = new Augmenter(Everything, 24, 32);
        var one = augmenter.Apply(picture, new AugmentationDraws(1, 2, 3)).Pixels;

        Assert.Equal(one, augmenter.Apply(picture, new AugmentationDraws(1, 2, 3)).Pixels);
        Assert.All(
            [new AugmentationDraws(2, 2, 3), new AugmentationDraws(1, 3, 3), new AugmentationDraws(1, 2, 4), new AugmentationDraws(1, 2, 3, 1)],
            other => Assert.NotEqual(one, augmenter.Apply(picture, other).Pixels));
        Assert.Equal(before, picture.Pixels);
    }

    [Fact]
    public void Apply_None_GivesThePicture()
    {
        var picture = Slopes(20, 20);
        var same = new Augmenter(AugmentationOptions.None, 20, 20).Apply(picture, new AugmentationDraws(1, 1, 1));
        Assert.Equal(picture.Pixels, same.Pixels);
        Assert.NotSame(picture.Pixels, same.Pixels);
    }

    [Fact]
    public void Crop_AnyDraws_KeepsAreaAndAspectInRange()
    {
        var picture = Slopes(101, 101);
        var areas = Enumerable.Range(0, 200).Select(i =>
        {
            var crop = RandomResizedCrop.Apply(picture, 51, 51, .5, 4.0 / 3, new AugmentationDraws(1, 0, i));

            // Red rises by 2 a column and green by 2 a row: what is left of them tells how much was kept, but half a pixel at each end.
            var (w, h) = ((crop[25][150] - crop[25][0]) / 200.0 * 51 / 50, (crop[50][76] - crop[0][76]) / 200.0 * 51 / 50);
            Assert.InRange(w / h, .72, 1.4);
            return w * h;
        }).ToList();
        Assert.InRange(areas.Min(), .48, .6);
        Assert.InRange(areas.Max(), .9, 1.03);
    }

    [Fact]
    public void Flip_Twice_IsNothing()
    {
        var picture = Slopes(5, 7);
        var before = (byte[])picture.Pixels.Clone();
        HorizontalFlip.Apply(picture);
        Assert.Equal(before.AsSpan(18, 3).ToArray(), picture.Pixels.AsSpan(0, 3).ToArray());
        HorizontalFlip.Apply(picture);
        Assert.Equal(before, picture.Pixels);
    }

    [Fact]
    public void Jitter_NoChange_IsNothing()
    {
        var picture = Slopes(5, 7);
        ColourJitter.Apply(picture, 0, 0, 0, new AugmentationDraws(1, 1, 1));
        Assert.Equal(Slopes(5, 7).Pixels, picture.Pixels);
    }

    [Fact]
    public void Jitter_Brightness_ScalesWithinItsLimit()
    {
        var factors = Enumerable.Range(0, 100).Select(i =>
        {
            var picture = Constant(100, 50, 20);
            ColourJitter.Apply(picture, .3, 0, 0, new AugmentationDraws(1, 1, i));
            Assert.InRange(picture.Pixels[1], (picture.Pixels[0] / 2.0) - 1, (picture.Pixels[0] / 2.0) + 1);
            return picture.Pixels[0] / 100.0;
        }).ToList();
        Assert.InRange(factors.Min(), .69, .8);
        Assert.InRange(factors.Max(), 1.2, 1.31);
    }

    [Fact]
    public void Jitter_Saturation_LeavesGreyAlone()
    {
        var picture = Constant(90, 90, 90);
        ColourJitter.Apply(picture, 0, 0, 1, new AugmentationDraws(1, 1, 1));
        Assert.All(picture.Pixels, v => Assert.Equal(90, v));
    }

    [Fact]
    public void Blur_OneColour_ChangesNothing()
    {
        var blurred = RescaleBlur.Apply(Constant(10, 200, 30), new AugmentationDraws(1, 1, 1));
        Assert.Equal(Constant(10, 200, 30).Pixels, blurred.Pixels);
    }

    [Fact]
    public void Noise_OneColour_StaysNear()
    {
        var picture = Constant(100, 120, 140);
        CompressionNoise.Apply(picture, new AugmentationDraws(1, 1, 1));
        Assert.All(picture.Pixels.Zip(Constant(100, 120, 140).Pixels), p => Assert.InRange(p.First - p.Second, -15, 15));
        Assert.NotEqual(Constant(100, 120, 140).Pixels, picture.Pixels);
    }

    [Fact]
    public void Mark_AnyDraws_CoversAPartByHalf()
    {
        for (var i = 0; i < 100; i++)
        {
            var picture = Constant(200, 200, 200);
            OverlaidMark.Apply(picture, new AugmentationDraws(1, 1, i));
            Assert.InRange(picture.Pixels.Count(v => v != 200), 0, picture.Pixels.Length / 2);

            // Opacity of at most 0.6 leaves 0.4 of what was there.
            Assert.All(picture.Pixels, v => Assert.InRange(v, 79, 234));
        }
    }

    [Fact]
    public void Border_AnyDraws_LeavesTheMiddle()
    {
        for (var i = 0; i < 50; i++)
        {
            var framed = AddedBorder.Apply(Constant(1, 2, 3), new AugmentationDraws(1, 1, i));
            Assert.Equal([1, 2, 3], framed[10][30..33].ToArray());
            Assert.Equal(framed[0][..3].ToArray(), framed[19][57..].ToArray());
        }
    }

    [Fact]
    public void Draws_Many_AreEvenlySpread()
    {
        var values = Enumerable.Range(0, 20_000).Select(i => new AugmentationDraws(1, i / 100, i % 100).Next()).ToList();
        Assert.InRange(values.Average(), .49, .51);
        Assert.Equal(values.Count, values.Distinct().Count());
        Assert.All(values, v => Assert.InRange(v, 0, 1 - 1e-12));
    }

    private static PixelImage Constant(byte r, byte g, byte b)
    {
        var picture = new PixelImage(20, 20, new byte[1200]);
        for (var i = 0; i < 1200; i += 3)
        {
            (picture.Pixels[i], picture.Pixels[i + 1], picture.Pixels[i + 2]) = (r, g, b);
        }

        return picture;
    }

    private static PixelImage Slopes(int height, int width)
    {
        var picture = new PixelImage(height, width, new byte[3 * height * width]);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                (picture[y][3 * x], picture[y][(3 * x) + 1], picture[y][(3 * x) + 2]) = ((byte)(2 * x), (byte)(2 * y), 77);
            }
        }

        return picture;
    }
}
