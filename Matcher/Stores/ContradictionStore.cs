using CpfPipeline.Data.Sql;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>
/// The list of verdicts that were refused because they contradict others. All within the caller's connection and transaction.
/// </summary>
internal static class ContradictionStore
{
    /// <summary>Puts a refused verdict on the list. The same word of the same person on the same two pictures is there once.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="verdict">The refused verdict.</param>
    /// <param name="who">Who said it.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="chain">The verdicts that it contradicts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task AddAsync(
        NpgsqlConnection connection, Verdict verdict, string who, string? note, IReadOnlyList<VerdictRow> chain,
        CancellationToken cancellationToken)
    {
        var id = await connection.Sql(
            """
            insert into cpf.contradictions as c (content_a, content_b, verdict, who, note, links) values ($1, $2, $3, $4, $5, $6)
            on conflict (content_a, content_b, verdict, who) where closed_at is null
            do update set at = now(), note = coalesce(excluded.note, c.note), links = excluded.links
            returning contradiction_id
            """, [verdict.ContentA, verdict.ContentB, Word(verdict), who, note, chain.Count]).ScalarAsync<long>(cancellationToken);
        await connection.Sql("delete from cpf.contradiction_links where contradiction_id = $1", [id]).ExecuteAsync(cancellationToken);
        await connection.Sql(
            """
            insert into cpf.contradiction_links (contradiction_id, place, content_a, content_b, verdict, who, at)
            select $1, l.place, l.content_a, l.content_b, l.verdict, l.who, l.at
            from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])
                with ordinality as l(content_a, content_b, verdict, who, at, place)
            """,
            [id, chain.Select(v => v.ContentA).ToArray(), chain.Select(v => v.ContentB).ToArray(), chain.Select(v => v.Verdict).ToArray(),
                chain.Select(v => v.Who).ToArray(), chain.Select(v => v.At.UtcDateTime).ToArray()]).ExecuteAsync(cancellationToken);
    }

    /// <summary>Closes what waits for a word that stands now.</summary>
    public static Task CloseGivenAsync(NpgsqlConnection connection, Verdict verdict, string who, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            update cpf.contradictions set closing = 'given', closed_by = $4, closed_at = now()
            where content_a = $1 and content_b = $2 and verdict = $3 and closed_at is null
            """, [verdict.ContentA, verdict.ContentB, Word(verdict), who]).ExecuteAsync(cancellationToken);

    /// <summary>Closes one because the verdicts that it contradicts hold.</summary>
    /// <returns>false: it was closed already.</returns>
    public static async Task<bool> DismissAsync(
        NpgsqlConnection connection, long contradictionId, string who, CancellationToken cancellationToken) =>
        await connection.Sql(
            """
            update cpf.contradictions set closing = 'dismissed', closed_by = $2, closed_at = now()
            where contradiction_id = $1 and closed_at is null
            """, [contradictionId, who]).ExecuteAsync(cancellationToken) > 0;

    private static string Word(Verdict verdict) => verdict.Same ? VerdictWord.Same : VerdictWord.Different;
}
