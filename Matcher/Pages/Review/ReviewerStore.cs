using System.Text;
using CpfPipeline.Data.Contents;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Matcher.Review;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads how far a reviewer is, and what an undo takes back.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="pairs">Reads the pair of the last answer.</param>
/// <param name="time">Clock.</param>
internal sealed class ReviewerStore(NpgsqlDataSource dataSource, PairStore pairs, TimeProvider time)
{
    // Who reads of more than these looks at the history.
    private const int MaxPassedOverNamed = 3;

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

    /// <summary>
    /// What an undo takes back; the reviewer's last word that stands when none can be taken back; null when there is none.
    /// </summary>
    public async Task<LastAnswer?> ReadLastAsync(ServingModel model, string who, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (form, passed) = await ReviewUndo.ChooseAsync(connection, who, cancellationToken);
        if ((form ?? passed.Select(p => p.Form).FirstOrDefault()) is not { } last)
        {
            return null;
        }

        var similarity = last.Pair is { } ends
            ? (await pairs.ReadAsync(model, [ends], cancellationToken)).SingleOrDefault()?.Similarity : null;
        return await DescribeAsync(connection, last, cancellationToken) with
        {
            Similarity = similarity, CanBeTakenBack = form is not null, Why = passed is [var (_, why), ..] ? why : null,
        };
    }

    /// <summary>What an undo took back and what it passed over, for a person.</summary>
    public async Task<string> ReadUndoneAsync(UndoChoice undone, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var what = (await DescribeAsync(connection, undone.Form!, cancellationToken)).What;
        var text = new StringBuilder($"Taken back: {what}. What stood before stands again.");
        foreach (var (form, why) in undone.PassedOver.Take(MaxPassedOverNamed))
        {
            text.Append(" Not taken back: ")
                .Append((await DescribeAsync(connection, form, cancellationToken)).What).Append(". ").Append(why);
        }

        if (undone.PassedOver.Count > MaxPassedOverNamed)
        {
            text.Append(" Not taken back: ")
                .Append(Figures.Count(undone.PassedOver.Count - MaxPassedOverNamed, "further answer")).Append('.');
        }

        return text.ToString();
    }

    /// <summary>Whether something of what a form said stands.</summary>
    public async Task<bool> StandsAsync(Guid requestId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await AnswerStore.ReadFormAsync(connection, requestId, cancellationToken) is not null;
    }

    private static async Task<LastAnswer> DescribeAsync(
        NpgsqlConnection connection, AnsweredForm form, CancellationToken cancellationToken)
    {
        if (form.Placeholders is [var (contentId, _), ..])
        {
            var name = (await ShownName.ReadAsync(connection, [contentId], cancellationToken))[contentId];
            return new LastAnswer(name, "", GroupDecision.Placeholder, 0, form.Placeholders.Count);
        }

        var last = form.Answers[^1];
        var names = await ShownName.ReadAsync(connection, [last.ContentA, last.ContentB], cancellationToken);
        return new LastAnswer(names[last.ContentA], names[last.ContentB], last.Word, form.Settled, form.Answers.Count);
    }
}
