using System.Buffers.Binary;
using CpfPipeline.Vision.Decode;

namespace CpfPipeline.Vision.Decoders;

/// <summary>Whether a decoder's process may have meant what it says.</summary>
internal static class AnswerCheck
{
    private const int Fine = -1;
    private const int WebPHeader = 12;
    private const int SizeField = 8;
    private const int Slack = 64 << 10;

    /// <param name="answer">The answer.</param>
    /// <param name="format">Of the picture, by its first bytes.</param>
    /// <param name="expected">Length of the result; null: any.</param>
    /// <param name="limits">What a picture that is fine keeps to.</param>
    public static bool IsPossible(DecoderMessages.Answer answer, string format, int? expected, ImageLimits limits)
    {
        if (answer.TextLength is < 0 or > DecoderMessages.MaxTextBytes || answer.Width < 0 || answer.Height < 0
            || answer.Reason < DecoderMessages.Answer.Broken || answer.Reason >= DecoderMessages.Reasons.Count
            || (answer.Format != -1 && (answer.Format < 0 || answer.Format >= ImageFormat.All.Count
                || ImageFormat.All[answer.Format] != format)))
        {
            return false;
        }

        return answer.Reason != Fine
            ? answer.OutputLength == 0
            : answer.Format != -1 && answer.TextLength == 0 && (long)answer.Width * answer.Height <= limits.MaxPixels
                && Math.Min(answer.Width, answer.Height) >= limits.MinSide
                && (answer.OutputLength == expected || (expected is null && answer.OutputLength is > 0 and <= DecoderSettings.OutputBytes));
    }

    /// <summary>Whether bytes can be a thumbnail's file: WebP as long as it says, and no longer than its pixels could be.</summary>
    public static bool IsThumbnail(ReadOnlySpan<byte> webp, int longestSide) =>
        webp.Length > WebPHeader && webp.Length <= (3L * longestSide * longestSide) + Slack
        && webp[..4].SequenceEqual("RIFF"u8) && webp[8..12].SequenceEqual("WEBP"u8)
        && BinaryPrimitives.ReadUInt32LittleEndian(webp[4..]) == webp.Length - SizeField;
}
