namespace CpfPipeline.Vision.Models;

/// <summary>In which order a backbone takes the planes of a picture; written in lower case in model files.</summary>
public enum ChannelOrder
{
    /// <summary>Red first.</summary>
    Rgb,

    /// <summary>Blue first.</summary>
    Bgr,
}
