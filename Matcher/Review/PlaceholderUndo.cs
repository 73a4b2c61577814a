using CpfPipeline.Contracts;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>Takes words on placeholders back, as further words. All within the caller's connection and transaction.</summary>
internal static class PlaceholderUndo
{
    /// <summary>The changes of given places, and why they cannot be taken back, for a person; null when they can.</summary>
    public static async Task<(IReadOnlyList<PlaceholderChange> Changes, string? Problem)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken)
    {
        var histories = await connection.Sql(
            """
            select distinct h.seq, h.content_id, h.word_before, h.word_after, h.who, h.at, h.undoes
            from cpf.placeholder_words e
            join cpf.placeholder_words h on h.content_id = e.content_id
            where e.seq = any($1)
            order by h.seq
            """, [seqs.ToArray()]).QueryAsync(
            row => new PlaceholderChange(
                row.GetInt64(0), row.GetInt64(1), row.GetOrNull<bool>(2), row.GetOrNull<bool>(3), row.GetString(4),
                row.GetFieldValue<DateTimeOffset>(5), row.GetOrNull<long>(6)), cancellationToken);
        var byContent = histories.ToLookup(e => e.ContentId, e => e.Past);
        var changes = histories.Where(e => seqs.Contains(e.Seq)).ToList();
        return (changes, changes.Select(c => UndoRule.Problem([.. byContent[c.ContentId]], c.Seq, "a picture")).FirstOrDefault(p => p is not null));
    }

    /// <summary>Gives back the words that stood before.</summary>
    /// <returns>What tells others; null when a picture is not stored any more, and nothing was written.</returns>
    public static async Task<ContentReleased?> WriteAsync(
        NpgsqlConnection connection, Guid requestId, string who, IReadOnlyList<PlaceholderChange> changes,
        CancellationToken cancellationToken)
    {
        long[] contentIds = [.. changes.Select(c => c.ContentId).Order()];
        if ((await VerdictStore.LockStoredAsync(connection, contentIds, cancellationToken)).Count < contentIds.Length)
        {
            return null;
        }

        foreach (var change in changes.OrderBy(c => c.ContentId))
        {
            await PlaceholderStore.OverrideAsync(
                connection,
                new PlaceholderWord(change.ContentId, change.Before, who, null) { RequestId = requestId, Undoes = change.Seq },
                cancellationToken);
        }

        return new ContentReleased { ContentIds = contentIds };
    }
}
