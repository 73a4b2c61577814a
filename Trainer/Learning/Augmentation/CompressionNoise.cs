namespace CpfPipeline.Learning.Augmentation;

/// <summary>
/// What strong compression leaves, without the cost of an encoder: colours coarse over blocks of 2 x 2 (subsampled chroma), a step of lightness from
/// block to block of 8 x 8, and grain; in place.
/// </summary>
internal static class CompressionNoise
{
    private const int Block = 8;

    public static void Apply(PixelImage picture, AugmentationDraws draws)
    {
        // Of 255. A JPEG of quality 35-70 is off by 3 to 8 on average at the edges of drawings.
        var (step, grain) = (draws.Between(1, 6), draws.Between(1, 8));
        var blocks = (picture.Width + Block - 1) / Block;
        var shift = new float[blocks];
        for (var y = 0; y < picture.Height; y++)
        {
            if (y % Block == 0)
            {
                for (var i = 0; i < blocks; i++)
                {
                    shift[i] = (float)draws.Between(-step, step);
                }
            }

            var row = picture[y];
            var colours = picture[y & ~1];
            for (var x = 0; x < picture.Width; x++)
            {
                var (at, from) = (3 * x, 3 * (x & ~1));
                var change = shift[x / Block] + (float)draws.Between(-grain, grain);
                var (light, coarse) = (Lightness(row, at), Lightness(colours, from));
                for (var c = 2; c >= 0; c--)
                {
                    row[at + c] = PixelImage.ToByte(light + colours[from + c] - coarse + change);
                }
            }
        }
    }

    private static float Lightness(Span<byte> row, int at) => (.299f * row[at]) + (.587f * row[at + 1]) + (.114f * row[at + 2]);
}
