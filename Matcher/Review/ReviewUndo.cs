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
            : await WriteAsync(transaction, requestId, who, choice, cancellationToken);
    }

    /// <summary>The reviewer's last form that stands and that nobody has changed since, and those that are passed over for it.</summary>
    public static async Task<UndoChoice> ChooseAsync(NpgsqlConnection connection, string who, CancellationToken cancellationToken)
    {
        var passed = new List<(AnsweredForm, string)>();
        var form = await AnswerStore.ReadLastAsync(connection, who, long.MaxValue, cancellationToken);
        while (form is not null && passed.Count < MaxFormsSkipped)
        {
            var (choice, problem) = await ReadAsync(connection, form, who, cancellationToken);
            if (problem is null)
            {
                return choice with { PassedOver = passed };
            }

            passed.Add((form, problem));
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

        var (choice, problem) = await ReadAsync(connection, form, who, cancellationToken);
        return problem is null ? await WriteAsync(transaction, requestId, who, choice, cancellationToken) : ReviewWork.Refuse(problem);
    }

    // A form as a choice, and why it cannot be taken back, or null.
    private static async Task<(UndoChoice Choice, string? Problem)> ReadAsync(
        NpgsqlConnection connection, AnsweredForm form, string who, CancellationToken cancellationToken)
    {
        var choice = new UndoChoice(form, []);
        if (form.Placeholders.Count > 0)
        {
            var (words, whyNot) = await PlaceholderUndo.ReadAsync(connection, form.PlaceholderSeqs, cancellationToken);
            return (choice with { Placeholders = words }, whyNot);
        }

        var (verdicts, problem) = await ReadAsync(connection, form.Events, who, cancellationToken);
        return (choice with { Verdicts = verdicts }, problem);
    }

    // The chosen form has no problem.
    private static async Task<ReviewWork> WriteAsync(
        NpgsqlTransaction transaction, Guid requestId, string who, UndoChoice choice, CancellationToken cancellationToken)
    {
        var (connection, form) = (transaction.Connection!, choice.Form!);
        if (form.Placeholders.Count > 0)
        {
            return await PlaceholderTransaction.WriteAsync(
                connection, PlaceholderUndo.Inverse(choice.Placeholders, requestId, who), cancellationToken) is { } released
                ? new ReviewWork(new ReviewOutcome.Done(0, 0) { Undone = choice }, [released]) { Released = released.ContentIds }
                : ReviewWork.Gone;
        }

        var work = await ReviewWork.WriteAsync(
            transaction, [.. choice.Verdicts.Reverse().Select(UndoRule.Inverse)], who, cancellationToken);
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
