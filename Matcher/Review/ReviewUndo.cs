using CpfPipeline.Matcher.Placeholders;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>Takes back what reviewers said, as inverse words; nothing is deleted. All within the caller's transaction.</summary>
internal static class ReviewUndo
{
    // Of more forms that others have changed since, none is looked at for one that can be taken back.
    private const int MaxFormsSkipped = 50;

    /// <summary>Takes back a given change of a verdict.</summary>
    public static async Task<ReviewWork> ChangeAsync(
        NpgsqlTransaction transaction, string who, long seq, CancellationToken cancellationToken)
    {
        var (events, problem) = await ReadAsync(transaction.Connection!, [seq], cancellationToken);
        if (problem is not null || events.Count == 0)
        {
            return ReviewWork.Refuse(problem ?? "There is no such change of a verdict: one of the pictures may be erased.");
        }

        var work = await ReviewWork.WriteAsync(transaction, [.. events.Select(UndoRule.Inverse)], who, cancellationToken);
        if (work.Outcome is ReviewOutcome.Done)
        {
            await AnswerStore.UndoEventAsync(transaction.Connection!, seq, cancellationToken);
        }

        return work;
    }

    /// <summary>Takes back the reviewer's last form that stands and that nobody has changed since.</summary>
    public static async Task<ReviewWork> LastAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        string? first = null;
        var form = await AnswerStore.ReadLastAsync(connection, who, long.MaxValue, cancellationToken);
        for (var skipped = 0; form is not null && skipped < MaxFormsSkipped; skipped++)
        {
            var (work, problem) = await FormAsync(transaction, requestId, who, form, cancellationToken);
            if (work is not null)
            {
                return work;
            }

            first ??= problem;
            form = await AnswerStore.ReadLastAsync(connection, who, form.Place, cancellationToken);
        }

        return ReviewWork.Refuse(first ?? "There is no answer of yours to take back.");
    }

    /// <summary>Takes back what a given form said.</summary>
    public static async Task<ReviewWork> FormAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, Guid undone, CancellationToken cancellationToken)
    {
        if (await AnswerStore.ReadFormAsync(transaction.Connection!, undone, cancellationToken) is not { } form)
        {
            return ReviewWork.Refuse("This was taken back already.");
        }

        var (work, problem) = await FormAsync(transaction, requestId, who, form, cancellationToken);
        return work ?? ReviewWork.Refuse(problem!);
    }

    // Either what it did, or why the form cannot be taken back.
    private static async Task<(ReviewWork? Work, string? Problem)> FormAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, AnsweredForm form, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (form.Placeholders.Count > 0)
        {
            var (changes, why) = await PlaceholderUndo.ReadAsync(
                connection, [.. form.Placeholders.Select(p => p.Seq)], cancellationToken);
            return why is not null ? (null, why)
                : await PlaceholderTransaction.WriteAsync(
                    connection, PlaceholderUndo.Inverse(changes, requestId, who), cancellationToken) is { } released
                    ? (new ReviewWork(new ReviewOutcome.Done(0, 0), [released]) { Released = released.ContentIds }, null)
                    : (ReviewWork.Gone, null);
        }

        var (events, problem) = await ReadAsync(connection, form.Events, cancellationToken);
        if (problem is not null)
        {
            return (null, problem);
        }

        var work = await ReviewWork.WriteAsync(
            transaction, [.. events.AsEnumerable().Reverse().Select(UndoRule.Inverse)], who, cancellationToken);
        if (work.Outcome is not ReviewOutcome.Done done)
        {
            return (work, null);
        }

        await AnswerStore.UndoRequestAsync(connection, form.RequestId, cancellationToken);
        return (work with { Outcome = done with { TakenBack = form.Pair } }, null);
    }

    // The changes in their order, and why they cannot be taken back, or null.
    private static async Task<(IReadOnlyList<VerdictEvent> Events, string? Problem)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken)
    {
        var histories = await VerdictEventStore.ReadHistoriesAsync(connection, seqs, cancellationToken);
        var byPair = histories.ToLookup(e => (e.ContentA, e.ContentB));
        var events = histories.Where(e => seqs.Contains(e.Seq)).ToList();
        var problems = events.Select(e => UndoRule.Problem([.. byPair[(e.ContentA, e.ContentB)]], e));
        return (events, problems.FirstOrDefault(p => p is not null));
    }
}
