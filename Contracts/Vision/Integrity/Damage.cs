using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Integrity;

/// <summary>What is wrong with a file, told from its bytes alone, so that the same file always gives the same words.</summary>
/// <param name="Reason">
/// Reason code: truncated when the file has lost a part of its data, undecodable when it holds data that mean nothing, unsupported_format
/// when it cannot be told here.
/// </param>
/// <param name="Detail">For a person.</param>
internal sealed record Damage(string Reason, string Detail)
{
    public bool IsCut => Reason == RejectReasons.Truncated;

    /// <summary>False when the bytes cannot be followed: a loader that has nothing to say is believed then.</summary>
    public bool IsKnown => Reason != RejectReasons.UnsupportedFormat;

    public static Damage Cut(string detail) => new(RejectReasons.Truncated, detail);

    public static Damage Broken(string detail) => new(RejectReasons.Undecodable, detail);

    public static Damage Unknown(string detail) => new(RejectReasons.UnsupportedFormat, detail);
}
