namespace CpfPipeline.Vision.Decode;

/// <summary>
/// Why a picture, or its row in a batch, was refused. The strings are the reason codes that go over the wire and into the
/// database, so they never change; Contracts/Messages holds the same list for services that do not decode.
/// </summary>
public static class DecodeFailure
{
    /// <summary>No bytes at all.</summary>
    public const string EmptyFile = "empty";

    /// <summary>The first bytes are none of <see cref="ImageFormat"/>'s signatures, whatever the file is called.</summary>
    public const string UnsupportedFormat = "unsupported_format";

    /// <summary>More bytes than <see cref="ImageLimits.MaxImageBytes"/>.</summary>
    public const string TooManyBytes = "too_many_bytes";

    /// <summary>The header promises more pixels than <see cref="ImageLimits.MaxPixels"/>; nothing was decoded.</summary>
    public const string TooManyPixels = "too_many_pixels";

    /// <summary>More frames or pages than <see cref="ImageLimits.MaxFrames"/>.</summary>
    public const string TooManyFrames = "too_many_frames";

    /// <summary>A side is shorter than <see cref="ImageLimits.MinSide"/> pixels.</summary>
    public const string TooSmall = "too_small";

    /// <summary>The file ends before its picture does.</summary>
    public const string Truncated = "truncated";

    /// <summary>The format is right, its content is not.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>Decoding took longer than <see cref="ImageLimits.MaxDecodeTime"/>.</summary>
    public const string DecodeTimeout = "decode_timeout";

    /// <summary>The network gave NaN, an infinity or a value that no half holds (over 65,504) for this picture.</summary>
    public const string NotFinite = "not_finite";

    /// <summary>The network gave all zeros for this picture: there is nothing to compare it by.</summary>
    public const string NoFeature = "no_feature";
}
