using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Vocabulary;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Matcher.Stores;

/// <summary>People's verdicts on two pictures. All within the caller's connection and transaction.</summary>
/// <remarks>
/// A writer holds <see cref="TransactionLocks.TakeGroupsAsync"/>. So two verdicts that contradict each other are checked one after the
/// other, and no group is written between the check and the verdict.
/// </remarks>
internal static class VerdictStore
{
    /// <summary>Verdicts with at least one end among given contents.</summary>
    public static Task<List<Verdict>> ReadTouchingAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        ReadEndsAsync(
            connection,
            """
            select content_a, content_b, verdict = 'same' from cpf.verdicts where content_a = any($1)
            union
            select content_a, content_b, verdict = 'same' from cpf.verdicts where content_b = any($1)
            order by 1, 2
            """, contentIds, cancellationToken);

    /// <summary>All verdicts.</summary>
    public static Task<List<Verdict>> ReadAllAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadEndsAsync(connection, "select content_a, content_b, verdict = 'same' from cpf.verdicts order by 1, 2", null, cancellationToken);

    /// <summary>Verdicts with both ends among given contents.</summary>
    public static Task<List<Verdict>> ReadBetweenAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        ReadEndsAsync(
            connection,
            """
            with given as materialized (select unnest($1::bigint[]) as content_id)
            select content_a, content_b, verdict = 'same'
            from cpf.verdicts
            where content_a in (select content_id from given) and content_b in (select content_id from given)
            order by 1, 2
            """, contentIds, cancellationToken);

    /// <summary>
    /// Every verdict between contents that chains of <c>same</c> verdicts tie to one of the given contents, these included.
    /// </summary>
    public static Task<List<Verdict>> ReadClosureAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        ReadEndsAsync(
            connection,
            """
            with recursive tied as (
                select unnest($1::bigint[]) as content_id
                union
                select n.content_id
                from tied t
                cross join lateral (
                    select content_b from cpf.verdicts where content_a = t.content_id and verdict = 'same'
                    union all
                    select content_a from cpf.verdicts where content_b = t.content_id and verdict = 'same') as n(content_id)
            )
            select v.content_a, v.content_b, v.verdict = 'same'
            from tied a
            join cpf.verdicts v on v.content_a = a.content_id
            where v.content_b in (select content_id from tied)
            order by 1, 2
            """, contentIds, cancellationToken);

    /// <summary>Gives or changes a verdict, and writes that down in <c>cpf.verdict_events</c>.</summary>
    /// <remarks>
    /// A word that stands already is no event: programs repeat theirs, and would fill the history and bar every undo. Who agrees on the
    /// review pages is kept in <c>cpf.review_answers</c>, and an undo heeds it.
    /// </remarks>
    /// <param name="connection">Connection.</param>
    /// <param name="verdict">The verdict.</param>
    /// <param name="who">Who says so.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="undoes">The event that this takes back, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The event; null when the verdict stood already (who said it first is kept).</returns>
    public static Task<long?> GiveAsync(
        NpgsqlConnection connection, Verdict verdict, string who, string? note, long? undoes, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            with before as (
                select verdict from cpf.verdicts where content_a = $1 and content_b = $2
            ), given as (
                insert into cpf.verdicts as v (content_a, content_b, verdict, who, note)
                values ($1, $2, $3, $4, $5)
                on conflict (content_a, content_b) do update
                set verdict = excluded.verdict, who = excluded.who, note = excluded.note, at = now()
                where v.verdict <> excluded.verdict
                returning verdict
            )
            insert into cpf.verdict_events (content_a, content_b, verdict_before, verdict_after, who, note, undoes)
            select $1, $2, (select verdict from before), given.verdict, $4, $5, $6 from given
            returning seq
            """, [
                verdict.ContentA, verdict.ContentB, verdict.Same ? VerdictWord.Same : VerdictWord.Different, who, Text(note), Number(undoes)
            ])
            .ScalarAsync<long?>(cancellationToken);

    /// <summary>Takes a verdict back, and writes that down in <c>cpf.verdict_events</c>.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="contentA">The smaller content id.</param>
    /// <param name="contentB">The larger content id.</param>
    /// <param name="who">Who takes it back.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="undoes">The event that this takes back, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The event; null when there was no verdict.</returns>
    public static Task<long?> WithdrawAsync(
        NpgsqlConnection connection, long contentA, long contentB, string who, string? note, long? undoes,
        CancellationToken cancellationToken) =>
        connection.Sql(
            """
            with gone as (
                delete from cpf.verdicts where content_a = $1 and content_b = $2 returning verdict
            )
            insert into cpf.verdict_events (content_a, content_b, verdict_before, verdict_after, who, note, undoes)
            select $1, $2, gone.verdict, null, $3, $4, $5 from gone
            returning seq
            """, [contentA, contentB, who, Text(note), Number(undoes)])
            .ScalarAsync<long?>(cancellationToken);

    /// <summary>The verdicts of given pairs (smaller id first), for a person to read, in the order of the ids.</summary>
    public static Task<List<VerdictRow>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<(long A, long B)> pairs, CancellationToken cancellationToken) =>
        ReadRowsAsync(
            connection, "(v.content_a, v.content_b) in (select * from unnest($1::bigint[], $2::bigint[]))",
            [pairs.Select(p => p.A).ToArray(), pairs.Select(p => p.B).ToArray()], cancellationToken);

    /// <summary>The verdicts on a content, for a person to read, in the order of the ids.</summary>
    public static Task<List<VerdictRow>> ReadOfAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken) =>
        ReadRowsAsync(connection, "v.content_a = $1 or v.content_b = $1", [contentId], cancellationToken);

    private static async Task<List<Verdict>> ReadEndsAsync(
        NpgsqlConnection connection, string sql, IReadOnlyCollection<long>? contentIds, CancellationToken cancellationToken)
    {
        if (contentIds is { Count: 0 })
        {
            return [];
        }

        return await connection.Sql(sql, contentIds is null ? null : [contentIds.ToArray()])
            .QueryAsync(row => new Verdict(row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)), cancellationToken);
    }

    private static Task<List<VerdictRow>> ReadRowsAsync(
        NpgsqlConnection connection, string condition, object[] parameters, CancellationToken cancellationToken) =>
        connection.Sql(
            $"""
            select v.content_a, v.content_b, v.verdict, v.who, v.at, v.note,
                   array(select source || '/' || external_id from cpf.images where content_id = v.content_a and state = 'stored'
                       order by 1 limit 3),
                   array(select source || '/' || external_id from cpf.images where content_id = v.content_b and state = 'stored'
                       order by 1 limit 3),
                   encode(a.sha256, 'hex'), encode(b.sha256, 'hex')
            from cpf.verdicts v
            join cpf.contents a on a.content_id = v.content_a
            join cpf.contents b on b.content_id = v.content_b
            where {condition}
            order by v.content_a, v.content_b
            """, parameters).QueryAsync(
            row => new VerdictRow(
                row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4),
                row.GetStringOrNull(5),
                row.GetFieldValue<string[]>(6), row.GetFieldValue<string[]>(7), row.GetString(8), row.GetString(9)), cancellationToken);

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint };
}
