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

    /// <summary>A reviewer's last form that stands and came before a place; null when there is none.</summary>
    public static async Task<AnsweredForm?> ReadLastAsync(
        NpgsqlConnection connection, string who, long beforePlace, CancellationToken cancellationToken)
    {
        var last = await connection.Sql(
            """
            select q.request_id from cpf.review_requests q
            where q.who = $1 and q.seq < $2
              and (exists (select from cpf.review_answers r where r.request_id = q.request_id and r.undone_at is null)
                or exists (
                    select from cpf.placeholder_words w
                    where w.request_id = q.request_id and w.undoes is null
                      and not exists (select from cpf.placeholder_words u where u.undoes = w.seq)))
            order by q.seq desc limit 1
            """, [who, beforePlace]).ScalarAsync<Guid?>(cancellationToken);
        return last is { } requestId ? await ReadFormAsync(connection, requestId, cancellationToken) : null;
    }

    /// <summary>A form as far as it stands; null when nothing of it does.</summary>
    public static async Task<AnsweredForm?> ReadFormAsync(
        NpgsqlConnection connection, Guid requestId, CancellationToken cancellationToken)
    {
        var answers = await connection.Sql(
            """
            select r.content_a, r.content_b, r.word, r.verdict_seq, r.settled
            from cpf.review_answers r
            where r.request_id = $1 and r.undone_at is null
            order by r.answer_id
            """, [requestId]).QueryAsync(
            row => (
                Answer: new AnsweredPair(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetOrNull<long>(3)),
                Settled: row.GetInt32(4)),
            cancellationToken);
        var placeholders = await connection.Sql(
            """
            select w.content_id, w.seq
            from cpf.placeholder_words w
            where w.request_id = $1 and w.undoes is null and not exists (select from cpf.placeholder_words u where u.undoes = w.seq)
            order by w.seq
            """, [requestId]).QueryAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
        if (answers.Count + placeholders.Count == 0)
        {
            return null;
        }

        var place = await connection.Sql("select seq from cpf.review_requests where request_id = $1", [requestId])
            .ScalarAsync<long>(cancellationToken);
        return new AnsweredForm(
            requestId, place, [.. answers.Select(r => r.Answer)], placeholders, answers is [.., var newest] ? newest.Settled : 0);
    }

    /// <summary>Whether a form said something, whether it stands or was taken back; null when there is no such form.</summary>
    public static Task<bool?> FindSaidAsync(NpgsqlConnection connection, Guid requestId, CancellationToken cancellationToken) =>
        connection.Sql(
            """
            select exists (select from cpf.review_answers r where r.request_id = q.request_id)
                or exists (select from cpf.placeholder_words w where w.request_id = q.request_id and w.undoes is null)
            from cpf.review_requests q where q.request_id = $1
            """, [requestId]).ScalarAsync<bool?>(cancellationToken);

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
