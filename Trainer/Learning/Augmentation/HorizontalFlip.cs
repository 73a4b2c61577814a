namespace CpfPipeline.Learning.Augmentation;

/// <summary>Mirrors left to right, in place.</summary>
internal static class HorizontalFlip
{
    public static void Apply(PixelImage picture)
    {
        for (var y = 0; y < picture.Height; y++)
        {
            var row = picture[y];
            for (var (a, b) = (0, 3 * (picture.Width - 1)); a < b; a += 3, b -= 3)
            {
                (row[a], row[b]) = (row[b], row[a]);
                (row[a + 1], row[b + 1]) = (row[b + 1], row[a + 1]);
                (row[a + 2], row[b + 2]) = (row[b + 2], row[a + 2]);
            }
        }
    }
}
