using CpfPipeline.Data.Access;
using CpfPipeline.Data.Contents;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>
/// Takes what reviewers answer, decide and take back. A request is one transaction: all of it or none, and the same one twice is done once.
/// When a call returns, the groups are up to date. If this process dies before that, the receiver of the messages updates them.
/// </summary>
internal sealed class ReviewIntake(NpgsqlDataSource dataSource, GroupUpdater updater, DispatchOutbox dispatch)
{
    /// <summary>Takes an answer.</summary>
    public Task<ReviewOutcome> AnswerAsync(ReviewAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.A == answer.B || answer.Word is not (VerdictWord.Same or VerdictWord.Different or ReviewAnswer.Unsure))
        {
            return Task.FromResult<ReviewOutcome>(new ReviewOutcome.Refused(
                $"An answer on two pictures is same, different or unsure, not '{answer.Word}'."));
        }

        var change = VerdictChange.Of(answer.A, answer.B, answer.Word);
        return RunAsync(
            answer.RequestId, new Speaker(answer.Who, answer.By), $"answer {change.ContentA} {change.ContentB} {change.Word}", AnswerAsync,
            cancellationToken);

        async Task<ReviewWork> AnswerAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            if (answer.Word == ReviewAnswer.Unsure)
            {
                if ((await ContentLocks.ShareAsync(connection, [answer.A, answer.B], cancellationToken)).Count < 2)
                {
                    return ReviewWork.Gone;
                }

                await AnswerStore.AddAsync(
                    connection, answer.RequestId, answer.Who, [new AnsweredPair(change.ContentA, change.ContentB, answer.Word, null)], 0,
                    cancellationToken);
                return new ReviewWork(new ReviewOutcome.Done(0, 0), []);
            }

            var stands = (await VerdictStore.ReadAsync(connection, [(change.ContentA, change.ContentB)], cancellationToken))
                .SingleOrDefault();
            if (answer.OverwritesUnseen(stands?.Verdict))
            {
                var names = await ShownName.ReadAsync(connection, [change.ContentA, change.ContentB], cancellationToken);
                return ReviewWork.Refuse(answer.WhyNotTaken(stands, names));
            }

            var work = await ReviewWork.WriteAsync(transaction, [change], answer.Who, cancellationToken);
            if (work is { Outcome: ReviewOutcome.Done done, Events: [var seq] })
            {
                var settled = await ModelStore.ReadActiveAsync(connection, cancellationToken) is { } model
                    ? await SettledCount.ReadAsync(
                        connection, model.HeadId, model.ModelId,
                        new Verdict(change.ContentA, change.ContentB, answer.Word == VerdictWord.Same), cancellationToken)
                    : 0;
                await AnswerStore.AddAsync(
                    connection, answer.RequestId, answer.Who,
                    [new AnsweredPair(change.ContentA, change.ContentB, answer.Word, seq)], settled, cancellationToken);
                return work with { Outcome = done with { Settled = settled } };
            }

            return work;
        }
    }

    /// <summary>Takes a decision on pictures of a group.</summary>
    public Task<ReviewOutcome> DecideAsync(GroupDecisionRequest request, CancellationToken cancellationToken)
    {
        return RunAsync(
            request.RequestId, new Speaker(request.Who, request.By),
            $"decide {request.GroupId} {request.Word} {string.Join(' ', request.Chosen.Order())}", DecideAsync, cancellationToken);

        async Task<ReviewWork> DecideAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            var (plan, problem) = await GroupPlan.ReadAsync(connection, request.GroupId, request.Word, request.Chosen, cancellationToken);
            if (plan is null)
            {
                return ReviewWork.Refuse(problem!);
            }

            if (GroupPlan.HashOf(plan) != request.PlanHash)
            {
                return new ReviewWork(new ReviewOutcome.PlanChanged(), []);
            }

            if (request.Word == GroupDecision.Placeholder)
            {
                var words = request.Chosen.Select(
                    id => new PlaceholderWord(id, true, request.Who, null) { RequestId = request.RequestId });
                return await PlaceholderTransaction.WriteAsync(connection, [.. words], cancellationToken) is { } released
                    ? new ReviewWork(new ReviewOutcome.Done(0, 0), [released]) { Released = request.Chosen } : ReviewWork.Gone;
            }

            var work = await ReviewWork.WriteAsync(transaction, plan, request.Who, cancellationToken);
            if (work.Outcome is ReviewOutcome.Done)
            {
                await AnswerStore.AddAsync(
                    connection, request.RequestId, request.Who,
                    [.. plan.Zip(work.Events).Select(c => new AnsweredPair(c.First.ContentA, c.First.ContentB, c.First.Word, c.Second))], 0,
                    cancellationToken);
            }

            return work;
        }
    }

    /// <summary>The verdicts that a decision would give now.</summary>
    /// <returns>The verdicts, or what is wrong, for a person.</returns>
    public async Task<(IReadOnlyList<VerdictChange>? Changes, string? Problem)> PlanAsync(
        long groupId, string? word, IReadOnlyCollection<long> chosen, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await GroupPlan.ReadAsync(connection, groupId, word, chosen, cancellationToken);
    }

    /// <summary>Takes back what a reviewer said last, or a given change of a verdict, whoever made it.</summary>
    /// <param name="requestId">Id of the form.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="seq">The change; null: the reviewer's last form that stands and that nobody has changed since.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ReviewOutcome> UndoAsync(Guid requestId, Speaker who, long? seq, CancellationToken cancellationToken) => RunAsync(
        requestId, who, $"undo {seq}",
        transaction => seq is { } change
            ? ReviewUndo.ChangeAsync(transaction, who.Who, change, cancellationToken)
            : ReviewUndo.LastAsync(transaction, requestId, who.Who, cancellationToken), cancellationToken);

    /// <summary>Takes back what a given form said, whoever sent it.</summary>
    /// <param name="requestId">Id of the form that asks for it.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="undone">Id of the form that is taken back.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ReviewOutcome> UndoFormAsync(Guid requestId, Speaker who, Guid undone, CancellationToken cancellationToken) => RunAsync(
        requestId, who, $"undo form {undone}",
        transaction => ReviewUndo.FormAsync(transaction, requestId, who.Who, undone, cancellationToken), cancellationToken);

    /// <summary>Withdraws a verdict and gives another that it stood against, together.</summary>
    /// <param name="requestId">Id of the form.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="withdrawn">Two contents whose verdict is withdrawn; null: none is.</param>
    /// <param name="given">The verdict to give.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ReviewOutcome> ReplaceAsync(
        Guid requestId, Speaker who, (long A, long B)? withdrawn, Verdict given, CancellationToken cancellationToken)
    {
        VerdictChange give = new(given.ContentA, given.ContentB, given.Same ? VerdictWord.Same : VerdictWord.Different);
        VerdictChange[] changes = withdrawn is var (a, b) ? [VerdictChange.Of(a, b, VerdictWord.Withdrawn), give] : [give];
        return RunAsync(
            requestId, who, $"replace {withdrawn?.A} {withdrawn?.B} {give.ContentA} {give.ContentB} {give.Word}",
            transaction => ReviewWork.WriteAsync(transaction, changes, who.Who, cancellationToken), cancellationToken);
    }

    private async Task<ReviewOutcome> RunAsync(
        Guid requestId, Speaker who, string body, Func<NpgsqlTransaction, Task<ReviewWork>> run, CancellationToken cancellationToken)
    {
        ReviewWork work;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            if (!await AnswerStore.TakeRequestAsync(connection, requestId, who.Who, body, cancellationToken))
            {
                return await AnswerStore.SaidAsync(connection, requestId, who.Who, body, cancellationToken)
                    ? new ReviewOutcome.Repeated() : new ReviewOutcome.Reused();
            }

            work = await run(transaction);
            if (work.Outcome is ReviewOutcome.Refused or ReviewOutcome.PlanChanged)
            {
                return work.Outcome; // Rolled back: the form may be sent again.
            }

            await AuditStore.AppendAsync(
                connection, who, "review", body, work.Outcome is ReviewOutcome.Done ? AuditOutcome.Done : AuditOutcome.Refused,
                cancellationToken);
            var outbox = await OutboxStore.AppendAsync(connection, work.Messages, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            await dispatch(outbox, cancellationToken);
        }

        if (work.Changed.Count > 0)
        {
            await updater.RecomputeAsync(work.Changed, cancellationToken);
        }

        if (work.Released.Count > 0)
        {
            await updater.RefreshAsync(work.Released, cancellationToken);
        }

        return work.Outcome;
    }
}
