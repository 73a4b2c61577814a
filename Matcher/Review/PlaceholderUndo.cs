using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Sql;
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
            select distinct h.seq, h.content_id, h.word_before, h.who_before, h.note_before, h.word_after, h.who, h.at, h.undoes
            from cpf.placeholder_words e
            join cpf.placeholder_words h on h.content_id = e.content_id
            where e.seq = any($1)
            order by h.seq
            """, [seqs.ToArray()]).QueryAsync(
            row => new PlaceholderChange(
                row.GetInt64(0), row.GetInt64(1), row.GetOrNull<bool>(2), row.GetStringOrNull(3), row.GetStringOrNull(4),
                row.GetOrNull<bool>(5), row.GetString(6), row.GetFieldValue<DateTimeOffset>(7), row.GetOrNull<long>(8)),
            cancellationToken);
        var byContent = histories.ToLookup(e => e.ContentId, e => e.Past);
        var changes = histories.Where(e => seqs.Contains(e.Seq)).ToList();
        var problems = changes.Select(c => UndoRule.Problem([.. byContent[c.ContentId]], c.Seq, "a picture"));
        return (changes, problems.FirstOrDefault(p => p is not null));
    }

    /// <summary>The words that give back what stood before.</summary>
    public static IReadOnlyCollection<PlaceholderWord> Inverse(IEnumerable<PlaceholderChange> changes, Guid requestId, string who) =>
    [
        .. changes.Select(c => new PlaceholderWord(c.ContentId, c.Before, who, null)
        {
            GivenBack = (c.WhoBefore, c.NoteBefore), RequestId = requestId, Undoes = c.Seq,
        }),
    ];
}
