using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>Changes of verdicts. All within the caller's connection and transaction.</summary>
internal static class VerdictEventStore
{
    /// <summary>All changes on the two contents of each given change, in their order.</summary>
    public static Task<List<VerdictEvent>> ReadHistoriesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select distinct h.seq, h.content_a, h.content_b, h.verdict_before, h.verdict_after, h.who, h.at, h.undoes
            from cpf.verdict_events e
            join cpf.verdict_events h on h.content_a = e.content_a and h.content_b = e.content_b
            where e.seq = any($1)
            order by h.seq
            """, [seqs.ToArray()]).QueryAsync(
            row => new VerdictEvent(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetStringOrNull(3), row.GetStringOrNull(4), row.GetString(5),
                row.GetFieldValue<DateTimeOffset>(6), row.GetOrNull<long>(7)), cancellationToken);

    /// <summary>
    /// The last answer of a reviewer who gave the word of a change as well, after it; by the change. It made no change of its own, and an
    /// undo would take it back too.
    /// </summary>
    /// <param name="connection">Connection.</param>
    /// <param name="seqs">The changes.</param>
    /// <param name="who">Who takes them back: that person's own answers, and those of who made the change, are left out.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyDictionary<long, PastWord>> ReadAgreementsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> seqs, string who, CancellationToken cancellationToken)
    {
        var agreements = await connection.Sql(
            """
            select distinct on (e.seq) e.seq, r.answer_id, r.word, r.who, r.at
            from cpf.verdict_events e
            join cpf.review_answers r
              on r.content_a = e.content_a and r.content_b = e.content_b and r.word = e.verdict_after
             and r.verdict_seq is null and r.undone_at is null and r.at >= e.at
            where e.seq = any($1) and r.who <> e.who and r.who <> $2
            order by e.seq, r.answer_id desc
            """, [seqs.ToArray(), who]).QueryAsync(
            row => (Seq: row.GetInt64(0), Word: new PastWord(
                row.GetInt64(1), $"said '{row.GetString(2)}' as well", row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), null)),
            cancellationToken);
        return agreements.ToDictionary(a => a.Seq, a => a.Word);
    }
}
