namespace CpfPipeline.Learning.Augmentation;

/// <summary>
/// Lays a half-transparent mark over a picture, in place: bars and gaps as a line of text has them, a ring, or a rectangle. Opacity 0.25 to 0.6.
/// </summary>
internal static class OverlaidMark
{
    public static void Apply(PixelImage picture, AugmentationDraws draws)
    {
        var opacity = (float)draws.Between(.25, .6);
        var shade = draws.Next(4) switch { 0 => 255f, 1 => 128f, 2 => 30f, _ => (float)draws.Between(0, 255) };
        switch (draws.Next(3))
        {
            case 0:
                Text(picture, opacity, shade, draws);
                break;
            case 1:
                Ring(picture, opacity, shade, draws);
                break;
            default:
                Rectangle(picture, opacity, shade, draws);
                break;
        }
    }

    private static void Text(PixelImage picture, float opacity, float shade, AugmentationDraws draws)
    {
        var columns = 17 + (6 * draws.Next(5));
        var width = picture.Width * draws.Between(.4, .8);
        var dot = width / columns;
        var (left, top) = (draws.Between(0, picture.Width - width), draws.Between(0, Math.Max(0, picture.Height - (7 * dot))));
        var slant = draws.Happens(.5) ? 0 : draws.Between(-.25, .25);

        // Letters of 5 x 7 dots, half of them set.
        var dots = new bool[7, columns];
        for (var y = 0; y < 7; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                dots[y, x] = x % 6 != 5 && draws.Happens(.5);
            }
        }

        Blend(picture, opacity, shade, (x, y) =>
        {
            var column = (int)Math.Floor((x - left) / dot);
            var line = (int)Math.Floor((y - top - (slant * (x - left))) / dot);
            return column >= 0 && column < columns && line is >= 0 and < 7 && dots[line, column];
        });
    }

    private static void Ring(PixelImage picture, float opacity, float shade, AugmentationDraws draws)
    {
        var radius = Math.Min(picture.Width, picture.Height) * draws.Between(.1, .2);
        var (cx, cy) = (draws.Between(radius, picture.Width - radius), draws.Between(radius, picture.Height - radius));
        Blend(picture, opacity, shade, (x, y) =>
        {
            var (dx, dy) = (x - cx, y - cy);
            var distance = Math.Sqrt((dx * dx) + (dy * dy));
            return distance <= radius && (distance >= .75 * radius || Math.Abs(dy) < .18 * radius);
        });
    }

    private static void Rectangle(PixelImage picture, float opacity, float shade, AugmentationDraws draws)
    {
        var (w, h) = (picture.Width * draws.Between(.15, .5), picture.Height * draws.Between(.05, .25));
        var (left, top) = (draws.Between(0, picture.Width - w), draws.Between(0, picture.Height - h));
        Blend(picture, opacity, shade, (x, y) => x >= left && x < left + w && y >= top && y < top + h);
    }

    private static void Blend(PixelImage picture, float opacity, float shade, Func<double, double, bool> inside)
    {
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture[y];
            for (var x = 0; x < picture.Width; x++)
            {
                if (!inside(x + .5, y + .5))
                {
                    continue;
                }

                for (var c = 3 * x; c < (3 * x) + 3; c++)
                {
                    row[c] = PixelImage.ToByte(((1 - opacity) * row[c]) + (opacity * shade));
                }
            }
        }
    }
}
