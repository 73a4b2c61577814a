using CpfPipeline.Contracts;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Placeholders;
using Npgsql;

namespace CpfPipeline.Matcher.Placeholders;

/// <summary>
/// Writes a person's decision on placeholders in the caller's transaction, which holds the lock of the groups: for all pictures or none.
/// </summary>
internal static class PlaceholderTransaction
{
    /// <summary>Writes the decision.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="contentIds">The pictures.</param>
    /// <param name="isPlaceholder">The decision; null takes back the one that stands.</param>
    /// <param name="who">Who decides it.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="requestId">The form of the review pages that decides it, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// What tells others; null when a picture is not stored, and nothing was written. If this process dies after the commit, the receiver
    /// of the message updates the groups.
    /// </returns>
    public static async Task<ContentReleased?> WriteAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, bool? isPlaceholder, string who, string? note,
        Guid? requestId, CancellationToken cancellationToken)
    {
        if ((await ContentLocks.ShareAsync(connection, contentIds, cancellationToken)).Count < contentIds.Count)
        {
            return null;
        }

        foreach (var contentId in contentIds.Order())
        {
            await PlaceholderStore.OverrideAsync(
                connection, new PlaceholderWord(contentId, isPlaceholder, who, note) { RequestId = requestId }, cancellationToken);
        }

        return new ContentReleased { ContentIds = [.. contentIds.Order()] };
    }
}
