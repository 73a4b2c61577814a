namespace CpfPipeline.Cli.Review;

/// <summary>A picture, named by an image that shows it now, or by the SHA-256 of its bytes.</summary>
internal sealed record PictureWords(string? Source, string? ExternalId, string? Content = null)
{
    /// <summary>Reads two words: <c>SOURCE EXTERNAL_ID</c>, or <c>content SHA256</c>.</summary>
    public static PictureWords Of(string source, string externalId) =>
        source == "content" && externalId.Length == 64 && externalId.All(char.IsAsciiHexDigit)
            ? new PictureWords(null, null, externalId) : new PictureWords(source, externalId);
}
