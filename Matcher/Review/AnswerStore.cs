using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>What reviewers answered. All within the caller's connection and transaction.</summary>
internal static class AnswerStore
{
    /// <summary>Takes a form; false when it was taken before.</summary>
    public static async Task<bool> TakeRequestAsync(
        NpgsqlConnection connection, Guid requestId, string who, string body, CancellationToken cancellationToken) =>
        await connection.Sql(
            "insert into cpf.review_requests (request_id, who, body_sha256) values ($1, $2, $3) on conflict (request_id) do nothing",
            [requestId, who, Hash(body)]).ExecuteAsync(cancellationToken) > 0;

    /// <summary>Whether a form that was taken said this.</summary>
    public static Task<bool> SaidAsync(
        NpgsqlConnection connection, Guid requestId, string who, string body, CancellationToken cancellationToken) =>
        connection.Sql(
            "select who = $2 and body_sha256 = $3 from cpf.review_requests where request_id = $1", [requestId, who, Hash(body)])
            .ScalarAsync<bool>(cancellationToken);

    /// <summary>Writes answers of a form down.</summary>
    /// <param name="connection">Connection.</param>
    /// <param name="requestId">The form, taken.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="settled">Pairs that follow from the answer, when it is one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task AddAsync(
        NpgsqlConnection connection, Guid requestId, string who,
        IReadOnlyCollection<AnsweredPair> answers, int settled, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            insert into cpf.review_answers (request_id, who, content_a, content_b, word, verdict_seq, settled)
            select $1, $2, a.content_a, a.content_b, a.word, a.verdict_seq, $7
            from unnest($3::bigint[], $4::bigint[], $5::text[], $6::bigint[]) as a(content_a, content_b, word, verdict_seq)
            """,
            [requestId, who, answers.Select(a => a.ContentA).ToArray(), answers.Select(a => a.ContentB).ToArray(),
                answers.Select(a => a.Word).ToArray(), answers.Select(a => a.VerdictSeq).ToArray(), settled])
            .ExecuteAsync(cancellationToken);

    /// <summary>The form of a reviewer's last answer that stands and came before another; null when there is none.</summary>
    public static async Task<AnsweredForm?> ReadLastAsync(
        NpgsqlConnection connection, string who, long beforeAnswerId, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            select r.request_id, r.answer_id, r.content_a, r.content_b, r.word, r.verdict_seq, r.settled
            from cpf.review_answers r
            where r.undone_at is null and r.request_id = (
                select l.request_id from cpf.review_answers l
                where l.who = $1 and l.answer_id < $2 and l.undone_at is null
                order by l.answer_id desc limit 1)
            order by r.answer_id
            """, [who, beforeAnswerId]).QueryAsync(
            row => (
                Request: row.GetGuid(0), Id: row.GetInt64(1),
                Answer: new AnsweredPair(row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.GetOrNull<long>(5)),
                Settled: row.GetInt32(6)),
            cancellationToken);
        return rows is [var first, ..]
            ? new AnsweredForm(first.Request, first.Id, [.. rows.Select(r => r.Answer)], rows[^1].Settled) : null;
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

    private static byte[] Hash(string body) => SHA256.HashData(Encoding.UTF8.GetBytes(body));
}
