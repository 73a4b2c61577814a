using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Groups;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads how far a reviewer is.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="pairs">Reads the pair of the last answer.</param>
/// <param name="time">Clock.</param>
internal sealed class ReviewerStore(NpgsqlDataSource dataSource, PairStore pairs, TimeProvider time)
{
    /// <summary>How far the reviewer is.</summary>
    /// <param name="who">The reviewer.</param>
    /// <param name="open">Open pairs in sight.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ReviewCounts> ReadCountsAsync(string who, int open, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            select count(*), count(*) filter (where at >= $2), (select count(*) from cpf.contradictions where closed_at is null)
            from cpf.review_answers where who = $1 and undone_at is null
            """, [who, new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero)]).FirstAsync(
            row => new ReviewCounts(row.GetInt64(0), row.GetInt64(1), open, row.GetInt64(2)), cancellationToken);
    }

    /// <summary>The reviewer's last answer that stands.</summary>
    public async Task<LastAnswer?> ReadLastAsync(ServingModel model, string who, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var found = await connection.Sql(
            $"""
            select r.content_a, r.content_b, r.word, r.settled, {GroupPageStore.NameOf("r.content_a")},
                {GroupPageStore.NameOf("r.content_b")},
                (select count(*)::integer from cpf.review_answers t where t.request_id = r.request_id and t.undone_at is null)
            from cpf.review_answers r
            where r.who = $1 and r.undone_at is null
            order by r.answer_id desc limit 1
            """, [who]).QueryAsync(
            row => (A: row.GetInt64(0), B: row.GetInt64(1), Answer: new LastAnswer(
                row.GetString(4), row.GetString(5), row.GetString(2), null, row.GetInt32(3), row.GetInt32(6))), cancellationToken);
        if (found is not [var (a, b, answer)])
        {
            return null;
        }

        return await pairs.ReadAsync(model, [(a, b)], cancellationToken) is [var pair]
            ? answer with { Similarity = pair.Similarity } : answer;
    }
}
