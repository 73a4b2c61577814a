using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>What reviewers answered. All within the caller's connection and transaction.</summary>
internal static class AnswerStore
{
    /// <summary>Takes a form; false when it was taken before.</summary>
    public static async Task<bool> TakeRequestAsync(
        NpgsqlConnection connection, Guid requestId, string who, CancellationToken cancellationToken) =>
        await connection.Sql(
            "insert into cpf.review_requests (request_id, who) values ($1, $2) on conflict (request_id) do nothing", [requestId, who])
            .ExecuteAsync(cancellationToken) > 0;

    /// <summary>Writes answers of a form down.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="requestId">The form, taken.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="answers">The pairs, the word on each, and the event of its verdict.</param>
    /// <param name="settled">Pairs that follow from the answer, when it is one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task AddAsync(
        NpgsqlConnection connection, Guid requestId, string who,
        IReadOnlyCollection<(long A, long B, string Word, long? VerdictSeq)> answers, int settled, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            insert into cpf.review_answers (request_id, who, content_a, content_b, word, verdict_seq, settled)
            select $1, $2, a.content_a, a.content_b, a.word, a.verdict_seq, $7
            from unnest($3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) as a(content_a, content_b, word, verdict_seq)
            """,
            [requestId, who, answers.Select(a => a.A).ToArray(), answers.Select(a => a.B).ToArray(),
                answers.Select(a => a.Word).ToArray(), answers.Select(a => a.VerdictSeq).ToArray(), settled])
            .ExecuteAsync(cancellationToken);

    /// <summary>The events of the answers that a reviewer gave last and that stand, and the form that they came with.</summary>
    /// <returns>The form, and its events; null when the reviewer has given none.</returns>
    public static async Task<(Guid RequestId, IReadOnlyList<long> Events)?> ReadLastAsync(
        NpgsqlConnection connection, string who, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            select r.request_id, r.verdict_seq
            from cpf.review_answers r
            where r.undone_at is null and r.request_id = (
                select l.request_id from cpf.review_answers l where l.who = $1 and l.undone_at is null order by l.answer_id desc limit 1)
            """, [who]).QueryAsync(row => (Request: row.GetGuid(0), Seq: row.GetOrNull<long>(1)), cancellationToken);
        return rows.Count == 0 ? null : (rows[0].Request, [.. rows.Select(r => r.Seq).OfType<long>()]);
    }

    /// <summary>Marks the answers of a form as taken back.</summary>
    public static Task UndoRequestAsync(NpgsqlConnection connection, Guid requestId, CancellationToken cancellationToken) =>
        connection.Sql(
            "update cpf.review_answers set undone_at = now() where request_id = $1 and undone_at is null", [requestId])
            .ExecuteAsync(cancellationToken);

    /// <summary>Marks the answer that made an event as taken back, if one did.</summary>
    public static Task UndoEventAsync(NpgsqlConnection connection, long seq, CancellationToken cancellationToken) =>
        connection.Sql("update cpf.review_answers set undone_at = now() where verdict_seq = $1 and undone_at is null", [seq])
            .ExecuteAsync(cancellationToken);
}
