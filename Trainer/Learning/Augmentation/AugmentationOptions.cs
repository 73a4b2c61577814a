using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Learning.Augmentation;

/// <summary>How pictures are varied while training. All shares are of drawn pictures, 0..1; 0 switches a step off.</summary>
public sealed record AugmentationOptions
{
    /// <summary>Every picture as it is.</summary>
    public static AugmentationOptions None { get; } = new()
    {
        LeastArea = 1, LargestAspect = 1, Flip = 0, Brightness = 0, Contrast = 0, Saturation = 0, Blur = 0, Noise = 0, Mark = 0, Border = 0,
    };

    /// <summary>Smallest share of the picture's area that a crop keeps, 0.01..1. Default 0.5.</summary>
    [Range(.01, 1)]
    public double LeastArea { get; init; } = .5;

    /// <summary>Largest ratio of a crop's sides, relative to the picture's own, either way; 1..4. Default 4/3.</summary>
    [Range(1, 4)]
    public double LargestAspect { get; init; } = 4.0 / 3;

    /// <summary>Share that is mirrored left to right. Default 0.5; 0 where left and right tell products apart.</summary>
    [Range(0, 1)]
    public double Flip { get; init; } = .5;

    /// <summary>Largest relative change of brightness, 0..1. Default 0.2: values times 0.8 to 1.2.</summary>
    [Range(0, 1)]
    public double Brightness { get; init; } = .2;

    /// <summary>Largest relative change of contrast about the mean lightness, 0..1. Default 0.2.</summary>
    [Range(0, 1)]
    public double Contrast { get; init; } = .2;

    /// <summary>Largest relative change of the distance from grey, 0..1. Default 0.2.</summary>
    [Range(0, 1)]
    public double Saturation { get; init; } = .2;

    /// <summary>Share that is blurred, as rescaling does. Default 0.15.</summary>
    [Range(0, 1)]
    public double Blur { get; init; } = .15;

    /// <summary>Share that gets blocks and noise, as strong compression gives. Default 0.15.</summary>
    [Range(0, 1)]
    public double Noise { get; init; } = .15;

    /// <summary>Share that gets a half-transparent mark, as shops lay over pictures. Default 0.15.</summary>
    [Range(0, 1)]
    public double Mark { get; init; } = .15;

    /// <summary>Share that gets a border. Default 0.1.</summary>
    [Range(0, 1)]
    public double Border { get; init; } = .1;
}
