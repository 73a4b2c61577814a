namespace CpfPipeline.Vision.Models;

/// <summary>
/// What weighs the pixels that become one when a picture is brought to another size; written in lower case in model files.
/// </summary>
public enum ResizeKernel
{
    /// <summary>libvips' own way from large to small, in one pass with decoding: the cheapest.</summary>
    Fast,

    /// <summary>The nearest pixel alone.</summary>
    Nearest,

    /// <summary>A triangle as wide as the pixels that become one, on each side.</summary>
    Bilinear,

    /// <summary>Catmull and Rom's cubic (a = -0.5), twice as wide.</summary>
    Bicubic,

    /// <summary>Lanczos, three times as wide.</summary>
    Lanczos,
}
