namespace CpfPipeline.Learning.Augmentation;

/// <summary>Loses detail as a picture does that was scaled down and up again: to 45-90 % of its sides and back.</summary>
internal static class RescaleBlur
{
    public static PixelImage Apply(PixelImage picture, AugmentationDraws draws)
    {
        var factor = draws.Between(.45, .9);
        var (h, w) = (Math.Max(1, (int)(picture.Height * factor)), Math.Max(1, (int)(picture.Width * factor)));
        return RandomResizedCrop.Whole(RandomResizedCrop.Whole(picture, h, w), picture.Height, picture.Width);
    }
}
