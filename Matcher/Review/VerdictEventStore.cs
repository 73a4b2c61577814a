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
}
