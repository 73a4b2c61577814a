namespace CpfPipeline.Vision.Decoders;

/// <summary>Why a decoder's process had to be replaced.</summary>
public enum DecoderLoss
{
    /// <summary>It ended by itself while it had a picture.</summary>
    Crashed,

    /// <summary>Somebody else ended it, as the machine does when memory is short, or it had ended before it got the picture.</summary>
    Killed,

    /// <summary>It took too long and was ended.</summary>
    TimedOut,

    /// <summary>It said what it never says and was ended.</summary>
    Disobeyed,

    /// <summary>It did its number of pictures.</summary>
    Retired,

    /// <summary>It kept too much memory.</summary>
    Grew,
}
