namespace CpfPipeline.Learning.Augmentation;

/// <summary>Puts a border of one colour around a picture, which shrinks to make room: 3-10 % of each side, usually white.</summary>
internal static class AddedBorder
{
    public static PixelImage Apply(PixelImage picture, AugmentationDraws draws)
    {
        var (top, bottom) = (Pixels(picture.Height, draws), Pixels(picture.Height, draws));
        var (left, right) = (Pixels(picture.Width, draws), Pixels(picture.Width, draws));
        Span<byte> colour = [255, 255, 255];
        if (draws.Happens(.5))
        {
            for (var c = 0; c < 3; c++)
            {
                colour[c] = (byte)draws.Next(256);
            }
        }

        var inner = RandomResizedCrop.Whole(picture, Math.Max(1, picture.Height - top - bottom), Math.Max(1, picture.Width - left - right));
        var result = new PixelImage(picture.Height, picture.Width, new byte[picture.Pixels.Length]);
        for (var i = 0; i < result.Pixels.Length; i += 3)
        {
            colour.CopyTo(result.Pixels.AsSpan(i));
        }

        for (var y = 0; y < inner.Height && y + top < result.Height; y++)
        {
            var room = result[y + top][(3 * Math.Min(left, result.Width - 1))..];
            inner[y][..Math.Min(room.Length, 3 * inner.Width)].CopyTo(room);
        }

        return result;
    }

    private static int Pixels(int side, AugmentationDraws draws) => (int)Math.Round(side * draws.Between(.03, .1));
}
