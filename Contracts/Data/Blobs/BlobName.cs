using System.Buffers;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Data.Blobs;

/// <summary>
/// What blobs are called, in folders as in buckets: <c>ab/cd/abcd...</c>, and their renditions <c>ab/cd/abcd... .320.webp</c>. A blob's
/// name is the hash of its bytes, and whatever is derived from it begins with that name and a dot: so nothing of it can be missed when it
/// is deleted.
/// </summary>
public static class BlobName
{
    private const int HexDigits = 64;
    private const string RenditionEnding = ".webp";
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>The name of a blob, with slashes.</summary>
    public static string Of(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return $"{name[..2]}/{name[2..4]}/{name}";
    }

    /// <summary>The name of a rendition. It may come from a message: it must not lead elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such rendition.</exception>
    public static string Of(ReadOnlySpan<byte> sha256, string? rendition) => rendition is null ? Of(sha256)
        : Rendition.All.Contains(rendition) ? Of(sha256) + "." + rendition + RenditionEnding
        : throw new ArgumentOutOfRangeException(nameof(rendition), rendition, "There is no such rendition.");

    /// <summary>Whether a name is that of a blob or of something derived from it.</summary>
    /// <param name="name">A name with slashes.</param>
    /// <param name="sha256">The blob.</param>
    /// <param name="suffix">What follows its name.</param>
    public static bool TryParse(string name, out byte[] sha256, out string suffix)
    {
        (sha256, suffix) = ([], "");
        var last = name[(name.LastIndexOf('/') + 1)..];
        if (last.Length < HexDigits || (last.Length > HexDigits && last[HexDigits] != '.')
            || last.AsSpan(0, HexDigits).ContainsAnyExcept(LowerHex) || name != $"{last[..2]}/{last[2..4]}/{last}")
        {
            return false;
        }

        (sha256, suffix) = (Convert.FromHexString(last[..HexDigits]), last[HexDigits..]);
        return true;
    }

    /// <summary>The rendition that a suffix stands for; null when it stands for none.</summary>
    public static string? RenditionOf(string suffix) =>
        suffix.Length > RenditionEnding.Length && suffix.EndsWith(RenditionEnding, StringComparison.Ordinal)
        && suffix[1..^RenditionEnding.Length] is var rendition && Rendition.All.Contains(rendition) ? rendition : null;
}
