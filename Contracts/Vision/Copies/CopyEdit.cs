namespace CpfPipeline.Vision.Copies;

/// <summary>What sellers do to a picture that they reuse.</summary>
public enum CopyEdit
{
    /// <summary>Scaled to 50-80 %.</summary>
    Rescale,

    /// <summary>Saved as JPEG of quality 35-70.</summary>
    Recompress,

    /// <summary>5-10 % cut off each side, independently.</summary>
    Crop,

    /// <summary>A half transparent word or logo laid over it.</summary>
    Watermark,

    /// <summary>Cropped, scaled and saved as JPEG of quality 35-70.</summary>
    CropRescale,

    /// <summary>Watermarked and saved as JPEG of quality 35-70.</summary>
    WatermarkRecompress,

    /// <summary>Cropped, then watermarked.</summary>
    CropWatermark,

    /// <summary>Brighter or darker (gamma 0.65-1.5) and of another contrast (0.75-1.25).</summary>
    Tone,

    /// <summary>Each colour channel scaled by 0.8-1.2, as another lamp or white balance does.</summary>
    Tint,

    /// <summary>Put on a larger canvas of one colour: 3-20 % added on each side, independently.</summary>
    Pad,

    /// <summary>Turned by 2-8 degrees either way, the corners filled with one colour.</summary>
    Rotate,

    /// <summary>Blurred with a deviation of 0.5-1.2 % of the shorter side.</summary>
    Blur,

    /// <summary>Left and right exchanged.</summary>
    Mirror,

    /// <summary>An opaque price tag or banner with a word laid over 5-20 % of it.</summary>
    Overlay,

    /// <summary>Seen on a telephone or in a browser: scaled down, on a canvas with bars and lines of text, saved as JPEG.</summary>
    Screenshot,

    /// <summary>10-20 % cut off each side, another tone, saved as JPEG.</summary>
    CropTone,

    /// <summary>Mirrored, padded and saved as JPEG.</summary>
    MirrorPad,
}
