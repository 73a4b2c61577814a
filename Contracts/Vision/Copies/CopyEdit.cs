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
}
