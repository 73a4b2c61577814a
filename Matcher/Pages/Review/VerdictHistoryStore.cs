using CpfPipeline.Data.Contents;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads what was said over time, and what was refused.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class VerdictHistoryStore(NpgsqlDataSource dataSource)
{
    /// <summary>Changes of verdicts before a place, the newest first.</summary>
    public async Task<IReadOnlyList<PastVerdict>> ReadAsync(long before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            $"""
            select e.seq, e.content_a, e.content_b, {ShownName.Of("e.content_a")}, {ShownName.Of("e.content_b")},
                e.verdict_before, e.verdict_after, e.who, e.at, e.note, e.undoes,
                not exists (
                    select from cpf.verdict_events l where l.content_a = e.content_a and l.content_b = e.content_b and l.seq > e.seq)
            from cpf.verdict_events e
            where e.seq < $1
            order by e.seq desc limit $2
            """, [before, limit]).QueryAsync(
            row => new PastVerdict(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetStringOrNull(5),
                row.GetStringOrNull(6), row.GetString(7), row.GetFieldValue<DateTimeOffset>(8), row.GetStringOrNull(9),
                row.GetOrNull<long>(10), row.GetBoolean(11)), cancellationToken);
    }

    /// <summary>Open contradictions before a handle, the newest first.</summary>
    public async Task<IReadOnlyList<OpenContradiction>> ReadContradictionsAsync(long before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var open = await connection.Sql(
            $"""
            select o.contradiction_id, o.content_a, o.content_b, {ShownName.Of("o.content_a")},
                {ShownName.Of("o.content_b")}, o.verdict, o.who, o.at, o.note, o.links
            from cpf.contradictions o
            where o.closed_at is null and o.contradiction_id < $1
            order by o.contradiction_id desc limit $2
            """, [before, limit]).QueryAsync(
            row => new OpenContradiction(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                row.GetFieldValue<DateTimeOffset>(7), row.GetStringOrNull(8), row.GetInt32(9), []), cancellationToken);
        var links = (await connection.Sql(
            $"""
            select l.contradiction_id, l.content_a, l.content_b, {ShownName.Of("l.content_a")},
                {ShownName.Of("l.content_b")}, l.verdict, l.who, l.at, v.content_a is not null
            from cpf.contradiction_links l
            left join cpf.verdicts v on v.content_a = l.content_a and v.content_b = l.content_b and v.verdict = l.verdict
            where l.contradiction_id = any($1)
            order by l.contradiction_id, l.place
            """, [open.Select(c => c.Id).ToArray()]).QueryAsync(
            row => (Id: row.GetInt64(0), Link: new ContradictionLink(
                row.GetInt64(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                row.GetFieldValue<DateTimeOffset>(7), row.GetBoolean(8))), cancellationToken)).ToLookup(l => l.Id, l => l.Link);
        return [.. open.Select(c => c with { Chain = [.. links[c.Id]] })];
    }

    /// <summary>The refused word of an open contradiction; null when it is closed or unknown.</summary>
    public async Task<(long A, long B, string Verdict)?> FindContradictionAsync(long id, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var found = await connection.Sql(
            "select content_a, content_b, verdict from cpf.contradictions where contradiction_id = $1 and closed_at is null", [id])
            .QueryAsync(row => (row.GetInt64(0), row.GetInt64(1), row.GetString(2)), cancellationToken);
        return found is [var contradiction] ? contradiction : null;
    }
}
