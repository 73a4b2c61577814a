namespace CpfPipeline.Vision.Copies;

/// <summary>Edits that put the picture on a canvas.</summary>
internal static class Canvas
{
    /// <summary>A border of one colour, of its own width on each side.</summary>
    public static RgbRaster Pad(RgbRaster raster, EditedCopies.Draws draw)
    {
        var (left, right) = ((int)(raster.Width * draw.Between(.03, .2)), (int)(raster.Width * draw.Between(.03, .2)));
        var (top, bottom) = ((int)(raster.Height * draw.Between(.03, .2)), (int)(raster.Height * draw.Between(.03, .2)));
        var canvas = RgbRaster.Filled(raster.Width + left + right, raster.Height + top + bottom, RgbColour.Paper(draw));
        canvas.Paste(raster, left, top);
        return canvas;
    }

    public static RgbRaster Rotate(RgbRaster raster, EditedCopies.Draws draw)
    {
        var degrees = draw.Between(2, 8) * (draw.Next(2) == 0 ? 1 : -1);
        return raster.Rotate(degrees, RgbColour.Paper(draw));
    }

    /// <summary>The picture between a bar above and lines of text below, as a listing looks on a screen.</summary>
    public static RgbRaster Screenshot(RgbRaster raster, EditedCopies.Draws draw)
    {
        var picture = Math.Max(raster.Width, raster.Height) > 64 ? raster.Scale(draw.Between(.6, .95)) : raster;
        var (bar, text, margin) = (draw.Between(.05, .15), draw.Between(.05, .3), draw.Between(0, .08));
        var side = (int)(picture.Width * margin);
        var (above, below) = ((int)(picture.Height * bar), (int)(picture.Height * text));
        var paper = draw.Next(3) == 0 ? new RgbColour(24, 24, 26) : new RgbColour(255, 255, 255);
        var ink = paper.R > 128 ? new RgbColour(60, 60, 60) : new RgbColour(220, 220, 220);
        var canvas = RgbRaster.Filled(picture.Width + (2 * side), picture.Height + above + below, paper);
        canvas.Fill(0, 0, canvas.Width, (int)(above * .8), draw.Next(2) == 0 ? RgbColour.Any(draw) : paper);
        canvas.Fill(canvas.Width / 20, above / 4, (int)(canvas.Width * draw.Between(.1, .5)), Math.Max(1, above / 4), ink);
        canvas.Paste(picture, side, above);
        var line = Math.Max(1, picture.Height / 40);
        for (var y = above + picture.Height + line; y + line < canvas.Height; y += 3 * line)
        {
            canvas.Fill(canvas.Width / 20, y, (int)(canvas.Width * draw.Between(.3, .9)), line, ink);
        }

        return canvas;
    }
}
