using CpfPipeline.Data.Ids;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Pictures;

/// <summary>A picture, named by an image that shows it now, or by its bytes.</summary>
/// <param name="Source">The feed or seller; with <paramref name="ExternalId"/>.</param>
/// <param name="ExternalId">The source's own name of the image.</param>
/// <param name="Content">SHA-256 of the bytes, hex; in place of the other two.</param>
internal sealed record PictureName(string? Source, string? ExternalId, string? Content)
{
    /// <summary>What is wrong with a name, or null.</summary>
    /// <param name="name">The name.</param>
    /// <param name="field">The caller's name for it.</param>
    public static string? Problem(PictureName? name, string field) =>
        name is null || (name.Content is null && (string.IsNullOrEmpty(name.Source) || string.IsNullOrEmpty(name.ExternalId)))
            ? $"{field} must be named by source and external_id, or by content (SHA-256, hex)."
        : name.Content is not null && !(name.Content.Length == 64 && name.Content.All(char.IsAsciiHexDigit))
            ? $"{field}: '{name.Content}' is no SHA-256 in hex."
        : null;

    /// <summary>The content of a well-formed name, or why there is none. A content named by its bytes need not be stored.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="mustBeLive">Whether the image must show it now. Otherwise a retracted image names the picture that it showed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(long ContentId, string? Problem)> ResolveAsync(
        NpgsqlConnection connection, bool mustBeLive, CancellationToken cancellationToken)
    {
        if (Content is not null)
        {
            return (ContentId.FromSha256(Convert.FromHexString(Content)), null);
        }

        return await ImageContentStore.FindAsync(connection, Source!, ExternalId!, cancellationToken) switch
        {
            null => (0, $"Source {Source} has no image {ExternalId}."),
            (var state, { } contentId) when state == ImageState.Stored || !mustBeLive => (contentId, null),
            var (state, _) => (0, $"The image {this} shows no picture: its state is {state}."),
        };
    }

    public override string ToString() => Content is null ? $"{Source}/{ExternalId}" : $"content {Content}";
}
