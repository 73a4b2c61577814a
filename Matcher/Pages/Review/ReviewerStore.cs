using CpfPipeline.Data.Contents;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Review;
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
        if (await AnswerStore.ReadLastAsync(connection, who, long.MaxValue, cancellationToken) is not { } form)
        {
            return null;
        }

        if (form.Placeholders is [var (contentId, _), ..])
        {
            var name = (await ShownName.ReadAsync(connection, [contentId], cancellationToken))[contentId];
            return new LastAnswer(name, "", GroupDecision.Placeholder, null, 0, form.Placeholders.Count);
        }

        var last = form.Answers[^1];
        var names = await ShownName.ReadAsync(connection, [last.ContentA, last.ContentB], cancellationToken);
        var pair = await pairs.ReadAsync(model, [(last.ContentA, last.ContentB)], cancellationToken);
        return new LastAnswer(
            names[last.ContentA], names[last.ContentB], last.Word, pair.SingleOrDefault()?.Similarity, form.Settled, form.Answers.Count);
    }
}
