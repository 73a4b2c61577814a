using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

public sealed class FramingTests
{
    private static readonly InputSpec Plain = new(32, 32, ResizeRule.ShorterSide, [0, 0, 0], [1, 1, 1]);
    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    public static TheoryData<ResizeKernel> Kernels() => [.. Enum.GetValues<ResizeKernel>()];

    public static TheoryData<ResizeKernel, int, int> Sizes()
    {
        var all = new TheoryData<ResizeKernel, int, int>();
        foreach (var kernel in Enum.GetValues<ResizeKernel>().Where(k => k != ResizeKernel.Fast))
        {
            all.Add(kernel, 97, 61);
            all.Add(kernel, 64, 128);
            all.Add(kernel, 250, 33);
            all.Add(kernel, 24, 20);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Decode_EachKernel_GivesWhatPlainArithmeticGives(ResizeKernel kernel, int width, int height)
    {
        var pixels = Blocks(width, height);
        var row = Decode(Png(pixels, width, height, 3), Plain with { Resize = ResizeRule.Squash, Kernel = kernel });
        var different = 0;
        for (var c = 0; c < 3; c++)
        {
            var plane = Enumerable.Range(0, width * height).Select(i => (double)pixels[(3 * i) + c]).ToArray();
            var expected = ResamplingReference.Resize(plane, width, height, 32, 32, kernel);
            for (var i = 0; i < 1024; i++)
            {
                var value = Math.Round(row[(c * 1024) + i] * 255);
                Assert.Equal(expected[i], value, 1.0);
                different += expected[i] == value ? 0 : 1;
            }
        }

        Assert.InRange(different, 0, 30); // Of 3,072: what lies in the middle between two bytes.
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Decode_EachKernel_KeepsWhatIsWhere(ResizeKernel kernel)
    {
        // Red grows to the right, green downwards.
        var row = Decode(Ramp(96, 96), Plain with { Kernel = kernel });

        for (var y = 0; y < 32; y += 5)
        {
            for (var x = 0; x < 32; x += 5)
            {
                Assert.Equal((x + .5f) / 32, row[(y * 32) + x], .03f);
                Assert.Equal((y + .5f) / 32, row[1024 + (y * 32) + x], .03f);
            }
        }
    }

    [Theory]
    [InlineData(ResizeKernel.Fast)]
    [InlineData(ResizeKernel.Bicubic)]
    public void Decode_EdgeApartFromTheCrop_CutsTheCentreOut(ResizeKernel kernel)
    {
        // Of an edge of 64 the middle half is left.
        var row = Decode(Ramp(128, 128), Plain with { Kernel = kernel, Edge = 64 });

        Assert.Equal((16 + .5f) / 64, row[0], .03f);
        Assert.Equal((47 + .5f) / 64, row[31], .03f);
        Assert.Equal((47 + .5f) / 64, row[1024 + (31 * 32)], .03f);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Decode_TransparentColours_DoNotRunIntoThoseSeen(ResizeKernel kernel)
    {
        // The left half is red, the right half green that nobody sees.
        var pixels = new byte[80 * 80 * 4];
        for (var i = 0; i < pixels.Length; i += 4)
        {
            var isSeen = i / 4 % 80 < 40;
            (pixels[i], pixels[i + 1], pixels[i + 3]) = isSeen ? ((byte)255, (byte)0, (byte)255) : ((byte)0, (byte)255, (byte)0);
        }

        var row = Decode(Png(pixels, 80, 80, 4), Plain with { Kernel = kernel });

        Assert.All(Enumerable.Range(0, 1024), i => Assert.True(row[i] > .98f && Math.Abs(row[1024 + i] - row[2048 + i]) < .02f));
    }

    [Fact]
    public void Decode_MoreThanAKernelIsTried_GivesTheSamePictureSmaller()
    {
        var row = Decode(Ramp(5200, 4100), Plain with { Resize = ResizeRule.Squash, Kernel = ResizeKernel.Bicubic });

        Assert.Equal(.5f / 32, row[0], .03f);
        Assert.Equal(31.5f / 32, row[1024 + 1023], .03f);
    }

    [Fact]
    public void Decode_BlueFirstAndNoDivision_SwapsThePlanesAndKeepsTheRange()
    {
        var plain = Decode(Ramp(32, 32), Plain with { Mean = [.1f, .2f, .3f], Std = [1, 2, 4] });
        var swapped = Decode(
            Ramp(32, 32), Plain with { Mean = [25.5f, 51, 76.5f], Std = [255, 510, 1020], Divisor = 1, Channels = ChannelOrder.Bgr });

        Assert.All(Enumerable.Range(0, 1024), i =>
        {
            Assert.Equal(plain[i], swapped[2048 + i], 1e-5f);
            Assert.Equal(plain[1024 + i], swapped[1024 + i], 1e-5f);
            Assert.Equal(plain[2048 + i], swapped[i], 1e-5f);
        });
    }

    [Theory]
    [InlineData(400, 100, 64, 256, 64)]
    [InlineData(100, 400, null, 32, 128)]
    [InlineData(333, 100, 33, 109, 33)]
    [InlineData(33, 34, null, 32, 32)]
    public void SizeOf_ShorterSide_FollowsTheAspect(int width, int height, int? edge, int expectedWidth, int expectedHeight) =>
        Assert.Equal((expectedWidth, expectedHeight), Framing.SizeOf(Plain with { Edge = edge }, width, height));

    private float[] Decode(byte[] picture, InputSpec spec)
    {
        var row = new float[spec.RowLength];
        Assert.True(_decoder.Decode(picture, spec, row).IsOk);
        return row;
    }

    // Squares of random colours: smooth within, hard edges between.
    private static byte[] Blocks(int width, int height)
    {
        var (pixels, random) = (new byte[width * height * 3], new Random(7));
        var colours = new byte[(width + 4) / 4 * ((height + 4) / 4) * 3];
        random.NextBytes(colours);
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i / 3 % width, i / 3 / width);
            pixels[i] = colours[(3 * ((y / 4 * ((width + 4) / 4)) + (x / 4))) + (i % 3)];
        }

        return pixels;
    }

    private static byte[] Png(byte[] pixels, int width, int height, int bands)
    {
        using var image = Image.NewFromMemory(pixels, width, height, bands, Enums.BandFormat.Uchar);
        using var srgb = image.Copy(interpretation: Enums.Interpretation.Srgb);
        return srgb.PngsaveBuffer();
    }

    private static byte[] Ramp(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            pixels[3 * i] = (byte)((i % width + .5) / width * 255);
            pixels[(3 * i) + 1] = (byte)((i / width + .5) / height * 255);
            pixels[(3 * i) + 2] = 40;
        }

        return Png(pixels, width, height, 3);
    }
}
