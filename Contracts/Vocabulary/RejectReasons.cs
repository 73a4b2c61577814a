namespace CpfPipeline.Vocabulary;

/// <summary>Why an image, or its row in a batch, is refused: codes that are stored and told, and never change.</summary>
public static class RejectReasons
{
    /// <summary>The message lacks a field or a field is too long or malformed.</summary>
    public const string InvalidSubmission = "invalid_submission";

    /// <summary>Text, or a file's name, holds bytes that are not valid in its encoding.</summary>
    public const string InvalidEncoding = "invalid_encoding";

    /// <summary>The URI cannot be parsed.</summary>
    public const string InvalidUri = "invalid_uri";

    /// <summary>A scheme other than http, https, file, and s3 where it is turned on.</summary>
    public const string UnsupportedScheme = "unsupported_scheme";

    /// <summary>A file outside the configured roots.</summary>
    public const string OutsideRoots = "outside_roots";

    /// <summary>The address is private, loopback, link-local or otherwise not public.</summary>
    public const string PrivateAddress = "private_address";

    /// <summary>The operator's settings do not allow this host or bucket.</summary>
    public const string HostNotAllowed = "host_not_allowed";

    /// <summary>No such file, or HTTP 404 or 410.</summary>
    public const string NotFound = "not_found";

    /// <summary>The file or URL may not be read (permission, HTTP 401 or 403).</summary>
    public const string NotReadable = "not_readable";

    /// <summary>The server could not be reached or kept failing after retries.</summary>
    public const string FetchFailed = "fetch_failed";

    /// <summary>The download took longer than the limit.</summary>
    public const string FetchTimeout = "fetch_timeout";

    /// <summary>The service itself met a fault each time it fetched or applied it; no server was away.</summary>
    public const string ServiceFault = "service_fault";

    /// <summary>More redirects than the limit.</summary>
    public const string TooManyRedirects = "too_many_redirects";

    /// <summary>Zero bytes.</summary>
    public const string EmptyFile = "empty";

    /// <summary>Not one of the accepted image formats.</summary>
    public const string UnsupportedFormat = "unsupported_format";

    /// <summary>More bytes than the limit.</summary>
    public const string TooManyBytes = "too_many_bytes";

    /// <summary>More pixels than the limit.</summary>
    public const string TooManyPixels = "too_many_pixels";

    /// <summary>An animation with more frames than the limit.</summary>
    public const string TooManyFrames = "too_many_frames";

    /// <summary>A side shorter than the limit.</summary>
    public const string TooSmall = "too_small";

    /// <summary>The file ends before the picture does.</summary>
    public const string Truncated = "truncated";

    /// <summary>The picture cannot be decoded.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>Decoding took longer than the limit.</summary>
    public const string DecodeTimeout = "decode_timeout";

    /// <summary>The process that decoded the picture ended, and so did a second one.</summary>
    public const string DecoderCrashed = "decoder_crashed";

    /// <summary>The network gave NaN, an infinity or a value that no half holds (over 65,504) for this picture.</summary>
    public const string NotFinite = "not_finite";

    /// <summary>The network gave all zeros for this picture: there is nothing to compare it by.</summary>
    public const string NoFeature = "no_feature";

    /// <summary>Another content with the same 63-bit id is stored already.</summary>
    public const string IdCollision = "id_collision";

    /// <summary>The image or its content was erased and may not come back.</summary>
    public const string Erased = "erased";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        InvalidSubmission, InvalidEncoding, InvalidUri, UnsupportedScheme, OutsideRoots, PrivateAddress, HostNotAllowed, NotFound,
        NotReadable, FetchFailed, FetchTimeout, ServiceFault, TooManyRedirects, EmptyFile, UnsupportedFormat, TooManyBytes, TooManyPixels,
        TooManyFrames, TooSmall, Truncated, Undecodable, DecodeTimeout, DecoderCrashed, NotFinite, NoFeature, IdCollision, Erased,
    ];

    /// <summary>Reasons of the network and of hosts, which pass by themselves.</summary>
    public static IReadOnlySet<string> Passing { get; } = new HashSet<string>(StringComparer.Ordinal) { FetchFailed, FetchTimeout };

    /// <summary>
    /// Reasons that may be gone although the submission is the same: those of <see cref="Passing"/>, and those that a host, a limit, a
    /// setting or a newer build decides. The others lie in the submission or in the picture.
    /// </summary>
    public static IReadOnlySet<string> MayPass { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        FetchFailed, FetchTimeout, ServiceFault, NotFound, NotReadable, TooManyRedirects, EmptyFile, PrivateAddress, HostNotAllowed,
        UnsupportedScheme, OutsideRoots, TooManyBytes, TooManyPixels, TooManyFrames, TooSmall, Truncated,
    };
}
