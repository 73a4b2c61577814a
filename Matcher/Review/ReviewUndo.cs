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
        var (events, problem) = await ReadAsync(transaction.Connection!, [seq], who, cancellationToken);
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

    /// <summary>Takes back what <see cref="ChooseAsync"/> chooses.</summary>
    public static async Task<ReviewWork> LastAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, CancellationToken cancellationToken)
    {
        var choice = await ChooseAsync(transaction.Connection!, who, cancellationToken);
        return choice.Form is null
            ? ReviewWork.Refuse(choice.PassedOver is [(_, var why), ..] ? why : "There is no answer of yours to take back.")
            : await FormAsync(transaction, requestId, who, choice, cancellationToken);
    }

    /// <summary>The reviewer's last form that stands and that nobody has changed since, and those that are passed over for it.</summary>
    public static async Task<UndoChoice> ChooseAsync(NpgsqlConnection connection, string who, CancellationToken cancellationToken)
    {
        var passed = new List<(AnsweredForm, string)>();
        var form = await AnswerStore.ReadLastAsync(connection, who, long.MaxValue, cancellationToken);
        while (form is not null && passed.Count < MaxFormsSkipped)
        {
            if (await ProblemAsync(connection, form, who, cancellationToken) is not { } why)
            {
                return new UndoChoice(form, passed);
            }

            passed.Add((form, why));
            form = await AnswerStore.ReadLastAsync(connection, who, form.Place, cancellationToken);
        }

        return new UndoChoice(null, passed);
    }

    /// <summary>Takes back what a given form said.</summary>
    public static async Task<ReviewWork> FormAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, Guid undone, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (await AnswerStore.ReadFormAsync(connection, undone, cancellationToken) is not { } form)
        {
            return ReviewWork.Refuse(await AnswerStore.FindSaidAsync(connection, undone, cancellationToken) switch
            {
                null => "There is no such form.",
                false => "This form said nothing that could be taken back, or its pictures are erased.",
                true => "This was taken back already.",
            });
        }

        return await ProblemAsync(connection, form, who, cancellationToken) is { } problem
            ? ReviewWork.Refuse(problem)
            : await FormAsync(transaction, requestId, who, new UndoChoice(form, []), cancellationToken);
    }

    // Why a form cannot be taken back, or null.
    private static async Task<string?> ProblemAsync(
        NpgsqlConnection connection, AnsweredForm form, string who, CancellationToken cancellationToken) =>
        form.Placeholders.Count > 0
            ? (await PlaceholderUndo.ReadAsync(connection, form.PlaceholderSeqs, cancellationToken)).Problem
            : (await ReadAsync(connection, form.Events, who, cancellationToken)).Problem;

    // The chosen form has no problem.
    private static async Task<ReviewWork> FormAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, UndoChoice choice, CancellationToken cancellationToken)
    {
        var (connection, form) = (transaction.Connection!, choice.Form!);
        if (form.Placeholders.Count > 0)
        {
            var (changes, _) = await PlaceholderUndo.ReadAsync(connection, form.PlaceholderSeqs, cancellationToken);
            return await PlaceholderTransaction.WriteAsync(
                connection, PlaceholderUndo.Inverse(changes, requestId, who), cancellationToken) is { } released
                ? new ReviewWork(new ReviewOutcome.Done(0, 0) { Undone = choice }, [released]) { Released = released.ContentIds }
                : ReviewWork.Gone;
        }

        var (events, _) = await ReadAsync(connection, form.Events, who, cancellationToken);
        var work = await ReviewWork.WriteAsync(
            transaction, [.. events.AsEnumerable().Reverse().Select(UndoRule.Inverse)], who, cancellationToken);
        if (work.Outcome is not ReviewOutcome.Done done)
        {
            return work;
        }

        await AnswerStore.UndoRequestAsync(connection, form.RequestId, cancellationToken);
        return work with { Outcome = done with { Undone = choice } };
    }

    // The changes in their order, and why they cannot be taken back, or null.
    private static async Task<(IReadOnlyList<VerdictEvent> Events, string? Problem)> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> seqs, string who, CancellationToken cancellationToken)
    {
        var histories = await VerdictEventStore.ReadHistoriesAsync(connection, seqs, cancellationToken);
        var byPair = histories.ToLookup(e => (e.ContentA, e.ContentB));
        var events = histories.Where(e => seqs.Contains(e.Seq)).ToList();
        var agreements = await VerdictEventStore.ReadAgreementsAsync(connection, seqs, who, cancellationToken);
        var problems = events.Select(e => UndoRule.Problem([.. byPair[(e.ContentA, e.ContentB)]], e)
            ?? (agreements.TryGetValue(e.Seq, out var agreement) ? UndoRule.Agreed(agreement) : null));
        return (events, problems.FirstOrDefault(p => p is not null));
    }
}
