namespace CpfPipeline.Learning.Augmentation;

/// <summary>A picture of the cache to a varied one of the backbone's size. Pure: the same picture and draws give the same bytes.</summary>
/// <param name="options">What is done how often.</param>
/// <param name="height">Rows that the backbone wants.</param>
/// <param name="width">Columns that the backbone wants.</param>
internal sealed class Augmenter(AugmentationOptions options, int height, int width)
{
    /// <summary>
    /// In the order in which it happens to pictures in the world: camera and cut, what a seller adds, then the compression. The result is new memory.
    /// </summary>
    public PixelImage Apply(PixelImage picture, AugmentationDraws draws)
    {
        var result = RandomResizedCrop.Apply(picture, height, width, options.LeastArea, options.LargestAspect, draws);
        if (draws.Happens(options.Flip))
        {
            HorizontalFlip.Apply(result);
        }

        ColourJitter.Apply(result, options.Brightness, options.Contrast, options.Saturation, draws);
        if (draws.Happens(options.Border))
        {
            result = AddedBorder.Apply(result, draws);
        }

        if (draws.Happens(options.Mark))
        {
            OverlaidMark.Apply(result, draws);
        }

        if (draws.Happens(options.Blur))
        {
            result = RescaleBlur.Apply(result, draws);
        }

        if (draws.Happens(options.Noise))
        {
            CompressionNoise.Apply(result, draws);
        }

        return result;
    }
}
