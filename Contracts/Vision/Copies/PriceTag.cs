namespace CpfPipeline.Vision.Copies;

/// <summary>An opaque tag or banner with a word on it, as shops lay over pictures of others.</summary>
internal static class PriceTag
{
    /// <summary>Marks the raster itself and gives it back.</summary>
    public static RgbRaster Draw(RgbRaster raster, EditedCopies.Draws draw)
    {
        var banner = draw.Next(2) == 0;
        var (w, h) = banner
            ? (raster.Width, (int)(raster.Height * draw.Between(.08, .18)))
            : ((int)(raster.Width * draw.Between(.25, .45)), (int)(raster.Height * draw.Between(.2, .4)));
        var x0 = (int)draw.Between(0, raster.Width - w);
        var y0 = banner && draw.Next(2) == 0 ? raster.Height - h : (int)draw.Between(0, raster.Height - h);
        var word = Watermark.Words[draw.Next(Watermark.Words.Length)];
        var paper = RgbColour.Any(draw);
        var ink = paper.R + paper.G + paper.B > 384 ? new RgbColour(20, 20, 20) : new RgbColour(250, 250, 250);
        raster.Fill(x0, y0, w, h, paper);

        // The word takes the middle of the tag, in its own proportions.
        var letters = Math.Min(.8 * w, .6 * h * ((6 * word.Length) - 1) / 7);
        var high = letters * 7 / ((6 * word.Length) - 1);
        var (left, top) = (x0 + ((w - letters) / 2), y0 + ((h - high) / 2));
        for (var y = (int)top; y < top + high; y++)
        {
            for (var x = (int)left; x < left + letters; x++)
            {
                if (Watermark.Covers(word, (x + .5 - left) / letters, (y + .5 - top) / high))
                {
                    raster.Fill(x, y, 1, 1, ink);
                }
            }
        }

        return raster;
    }
}
