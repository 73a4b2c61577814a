namespace CpfPipeline.Vision.Copies;

/// <summary>
/// Lays a half transparent mark over a picture: a word in 5 x 7 dots (no font of the machine is needed, so every machine draws the same) or
/// a ring with a bar, as shops do.
/// </summary>
internal static class Watermark
{
    public static readonly string[] Words = ["SHOP", "SALE", "TOP 24", "MY STORE"];

    private static readonly Dictionary<char, string[]> Glyphs = new()
    {
        ['S'] = [".####", "#....", "#....", ".###.", "....#", "....#", "####."],
        ['H'] = ["#...#", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"],
        ['O'] = [".###.", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."],
        ['P'] = ["####.", "#...#", "#...#", "####.", "#....", "#....", "#...."],
        ['A'] = [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"],
        ['L'] = ["#....", "#....", "#....", "#....", "#....", "#....", "#####"],
        ['E'] = ["#####", "#....", "#....", "####.", "#....", "#....", "#####"],
        ['T'] = ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."],
        ['M'] = ["#...#", "##.##", "#.#.#", "#...#", "#...#", "#...#", "#...#"],
        ['Y'] = ["#...#", "#...#", ".#.#.", "..#..", "..#..", "..#..", "..#.."],
        ['R'] = ["####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"],
        ['2'] = [".###.", "#...#", "....#", "..##.", ".#...", "#....", "#####"],
        ['4'] = ["...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."],
        [' '] = [".....", ".....", ".....", ".....", ".....", ".....", "....."],
    };

    /// <summary>Marks the raster itself and gives it back.</summary>
    public static RgbRaster Draw(RgbRaster raster, EditedCopies.Draws draw)
    {
        var opacity = draw.Between(.3, .55);
        var shade = draw.Next(3) switch { 0 => 255, 1 => 128, _ => 30 };
        if (draw.Next(3) == 0)
        {
            DrawLogo(raster, draw, opacity, shade);
        }
        else
        {
            DrawWord(raster, draw, opacity, shade);
        }

        return raster;
    }

    /// <summary>Whether a word in dots, upright in a box, covers a point.</summary>
    /// <param name="word">Letters of the table.</param>
    /// <param name="x">0 to 1 from the box's left side to its right.</param>
    /// <param name="y">0 to 1 from top to bottom.</param>
    public static bool Covers(string word, double x, double y)
    {
        var column = (int)Math.Floor(x * ((6 * word.Length) - 1));
        var line = (int)Math.Floor(y * 7);
        return column >= 0 && column < (6 * word.Length) - 1 && line is >= 0 and < 7 && column % 6 != 5
            && Glyphs[word[column / 6]][line][column % 6] == '#';
    }

    private static void DrawWord(RgbRaster raster, EditedCopies.Draws draw, double opacity, int shade)
    {
        var word = Words[draw.Next(Words.Length)];
        var columns = (6 * word.Length) - 1;
        var width = raster.Width * draw.Between(.4, .8);
        var dot = width / columns;
        var height = 7 * dot;
        var (x0, y0) = (draw.Between(0, raster.Width - width), draw.Between(0, Math.Max(0, raster.Height - height)));
        var slant = draw.Next(2) == 0 ? 0 : draw.Between(-.25, .25);
        Blend(raster, opacity, shade, (x, y) => Covers(word, (x - x0) / width, (y - y0 - (slant * (x - x0))) / height));
    }

    private static void DrawLogo(RgbRaster raster, EditedCopies.Draws draw, double opacity, int shade)
    {
        var radius = Math.Min(raster.Width, raster.Height) * draw.Between(.10, .18);
        var (cx, cy) = (draw.Between(radius, raster.Width - radius), draw.Between(radius, raster.Height - radius));
        Blend(raster, opacity, shade, (x, y) =>
        {
            var (dx, dy) = (x - cx, y - cy);
            var distance = Math.Sqrt((dx * dx) + (dy * dy));
            return distance <= radius && (distance >= .75 * radius || Math.Abs(dy) < .18 * radius);
        });
    }

    private static void Blend(RgbRaster raster, double opacity, int shade, Func<double, double, bool> inside)
    {
        for (var y = 0; y < raster.Height; y++)
        {
            for (var x = 0; x < raster.Width; x++)
            {
                if (!inside(x + .5, y + .5))
                {
                    continue;
                }

                var pixel = raster.Pixels.AsSpan(3 * ((y * raster.Width) + x), 3);
                for (var c = 0; c < 3; c++)
                {
                    pixel[c] = (byte)Math.Round(((1 - opacity) * pixel[c]) + (opacity * shade));
                }
            }
        }
    }
}
