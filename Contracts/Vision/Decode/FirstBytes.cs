using CpfPipeline.Vocabulary;

namespace CpfPipeline.Vision.Decode;

/// <summary>What is refused before any decoder sees it: by length and signature.</summary>
internal static class FirstBytes
{
    public static DecodeOutcome Check(ReadOnlySpan<byte> bytes, ImageLimits limits)
    {
        if (bytes.IsEmpty)
        {
            return DecodeOutcome.Refused(RejectReasons.EmptyFile, "the file is empty");
        }

        if (bytes.Length > limits.MaxImageBytes)
        {
            return DecodeOutcome.Refused(RejectReasons.TooManyBytes, $"{bytes.Length} bytes, the limit is {limits.MaxImageBytes}");
        }

        var format = ImageFormat.Of(bytes);
        return format is not null && limits.Formats.Contains(format)
            ? DecodeOutcome.Ok(format, 0, 0)
            : DecodeOutcome.Refused(
                RejectReasons.UnsupportedFormat, $"not one of {string.Join(", ", limits.Formats)} by its first bytes", format);
    }
}
