using CpfPipeline.Contracts;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Placeholders;
using Npgsql;

namespace CpfPipeline.Matcher.Placeholders;

/// <summary>
/// Writes people's words on placeholders in the caller's transaction, which holds the lock of the groups: for all pictures or none.
/// </summary>
internal static class PlaceholderTransaction
{
    /// <summary>Writes the words.</summary>
    /// <returns>
    /// What tells others; null when a picture is not stored, and nothing was written. If this process dies after the commit, the receiver
    /// of the message updates the groups.
    /// </returns>
    public static async Task<ContentReleased?> WriteAsync(
        NpgsqlConnection connection, IReadOnlyCollection<PlaceholderWord> words, CancellationToken cancellationToken)
    {
        long[] contentIds = [.. words.Select(w => w.ContentId).Order()];
        if ((await ContentLocks.ShareAsync(connection, contentIds, cancellationToken)).Count < contentIds.Length)
        {
            return null;
        }

        foreach (var word in words.OrderBy(w => w.ContentId))
        {
            await PlaceholderStore.OverrideAsync(connection, word, cancellationToken);
        }

        return new ContentReleased { ContentIds = contentIds };
    }
}
