namespace CpfPipeline.Vision.Decoders;

/// <summary>Why a decoder's process had to be replaced.</summary>
public enum DecoderLoss
{
    /// <summary>It ended by itself, or the machine ended it.</summary>
    Crashed,

    /// <summary>It took too long and was ended.</summary>
    TimedOut,

    /// <summary>It said what it never says and was ended.</summary>
    Disobeyed,

    /// <summary>It did its number of pictures.</summary>
    Retired,

    /// <summary>It kept too much memory.</summary>
    Grew,
}
