namespace CpfPipeline.Learning.Augmentation;

/// <summary>
/// A part of the picture brought to a size (Szegedy et al., Going Deeper with Convolutions, CVPR 2015, section 6): its share of the area evenly
/// distributed, the logarithm of its aspect too.
/// </summary>
/// <remarks>The aspect is relative to the picture's: a picture that the backbone squashes has no aspect of its own any more.</remarks>
internal static class RandomResizedCrop
{
    /// <param name="picture">Of any size; about that of the result, since bilinear sampling smooths over no more than two pixels.</param>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <param name="leastArea">Share of the area, above 0 to 1.</param>
    /// <param name="largestAspect">1 or more.</param>
    /// <param name="draws">Random numbers.</param>
    public static PixelImage Apply(PixelImage picture, int height, int width, double leastArea, double largestAspect, AugmentationDraws draws)
    {
        var area = draws.Between(leastArea, 1);
        var limit = Math.Log(largestAspect);
        var aspect = Math.Exp(draws.Between(-limit, limit));
        var (h, w) = (Math.Min(1, Math.Sqrt(area / aspect)), Math.Min(1, Math.Sqrt(area * aspect)));
        var (top, left) = (draws.Between(0, 1 - h), draws.Between(0, 1 - w));
        return Resize(picture, height, width, top, left, h, w);
    }

    /// <summary>The whole picture at a size.</summary>
    public static PixelImage Whole(PixelImage picture, int height, int width) => Resize(picture, height, width, 0, 0, 1, 1);

    private static PixelImage Resize(PixelImage picture, int height, int width, double top, double left, double h, double w)
    {
        if (picture.Height == height && picture.Width == width && (top, left, h, w) == (0, 0, 1, 1))
        {
            return picture with { Pixels = (byte[])picture.Pixels.Clone() };
        }

        var columns = Taps(width, picture.Width, left, w);
        var rows = Taps(height, picture.Height, top, h);
        var result = new PixelImage(height, width, new byte[3 * height * width]);
        for (var y = 0; y < height; y++)
        {
            var upper = picture[rows[y].First];
            var lower = picture[rows[y].Second];
            var target = result[y];
            var down = rows[y].Share;
            for (var x = 0; x < width; x++)
            {
                var (a, b, right) = (3 * columns[x].First, 3 * columns[x].Second, columns[x].Share);
                for (var c = 0; c < 3; c++)
                {
                    var above = upper[a + c] + (right * (upper[b + c] - upper[a + c]));
                    var below = lower[a + c] + (right * (lower[b + c] - lower[a + c]));
                    target[(3 * x) + c] = PixelImage.ToByte(above + (down * (below - above)));
                }
            }
        }

        return result;
    }

    /// <summary>Between which two pixels each new pixel's centre lies.</summary>
    private static (int First, int Second, float Share)[] Taps(int length, int from, double start, double part)
    {
        var taps = new (int, int, float)[length];
        for (var i = 0; i < length; i++)
        {
            var at = Math.Clamp((from * (start + (part * (i + .5) / length))) - .5, 0, from - 1);
            var first = (int)at;
            taps[i] = (first, Math.Min(first + 1, from - 1), (float)(at - first));
        }

        return taps;
    }
}
