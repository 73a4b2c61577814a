using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Pictures;
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
    // Of more answers that others have changed since, none is looked at for one that can be taken back.
    private const int MaxFormsSkipped = 50;

    /// <summary>Takes an answer.</summary>
    public Task<ReviewOutcome> AnswerAsync(ReviewAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.A == answer.B || answer.Word is not (VerdictWord.Same or VerdictWord.Different or ReviewAnswer.Unsure))
        {
            return Task.FromResult(Refused($"An answer on two pictures is same, different or unsure, not '{answer.Word}'."));
        }

        var change = VerdictChange.Of(answer.A, answer.B, answer.Word);
        return RunAsync(
            answer.RequestId, answer.Who, $"answer {change.ContentA} {change.ContentB} {change.Word}", AnswerAsync, cancellationToken);

        async Task<Work> AnswerAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            if (answer.Word == ReviewAnswer.Unsure)
            {
                if ((await VerdictStore.LockStoredAsync(connection, [answer.A, answer.B], cancellationToken)).Count < 2)
                {
                    return new Work(Refused(Gone), []);
                }

                await AnswerStore.AddAsync(
                    connection, answer.RequestId, answer.Who, [new AnsweredPair(change.ContentA, change.ContentB, answer.Word, null)], 0,
                    cancellationToken);
                return new Work(new ReviewOutcome.Done(0, 0), []);
            }

            var stands = (await VerdictStore.ReadAsync(connection, [(change.ContentA, change.ContentB)], cancellationToken))
                .SingleOrDefault();
            if (answer.OverwritesUnseen(stands?.Verdict))
            {
                var names = await ShownName.ReadAsync(connection, [change.ContentA, change.ContentB], cancellationToken);
                return new Work(Refused(answer.WhyNotTaken(stands, names)), []);
            }

            var work = await WriteAsync(transaction, [change], answer.Who, cancellationToken);
            if (work is { Outcome: ReviewOutcome.Done done, Events: [var seq] })
            {
                var settled = await ModelStore.ReadActiveAsync(connection, cancellationToken) is { } model
                    ? await SettledCount.ReadAsync(
                        connection, model.HeadId, model.ModelId,
                        new Verdict(change.ContentA, change.ContentB, answer.Word == VerdictWord.Same), cancellationToken)
                    : 0;
                await AnswerStore.AddAsync(
                    connection, answer.RequestId, answer.Who, [new AnsweredPair(change.ContentA, change.ContentB, answer.Word, seq)], settled,
                    cancellationToken);
                return work with { Outcome = done with { Settled = settled } };
            }

            return work;
        }
    }

    /// <summary>Takes a decision on pictures of a group.</summary>
    public Task<ReviewOutcome> DecideAsync(GroupDecisionRequest request, CancellationToken cancellationToken)
    {
        return RunAsync(
            request.RequestId, request.Who, $"decide {request.GroupId} {request.Word} {string.Join(' ', request.Chosen.Order())}",
            DecideAsync, cancellationToken);

        async Task<Work> DecideAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            var (plan, problem) = await GroupPlan.ReadAsync(connection, request.GroupId, request.Word, request.Chosen, cancellationToken);
            if (plan is null)
            {
                return new Work(Refused(problem!), []);
            }

            if (GroupPlan.HashOf(plan) != request.PlanHash)
            {
                return new Work(new ReviewOutcome.PlanChanged(), []);
            }

            if (request.Word == GroupDecision.Placeholder)
            {
                return await PlaceholderTransaction.WriteAsync(connection, request.Chosen, true, request.Who, null, cancellationToken)
                    is { } released
                    ? new Work(new ReviewOutcome.Done(0, 0), [released]) { Released = request.Chosen } : new Work(Refused(Gone), []);
            }

            var work = await WriteAsync(transaction, plan, request.Who, cancellationToken);
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

    /// <summary>Takes back what a reviewer answered last, or a given change of a verdict, whoever made it.</summary>
    /// <param name="requestId">Id of the form.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="seq">The change; null: the reviewer's last form that stands and that nobody has changed since.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ReviewOutcome> UndoAsync(Guid requestId, string who, long? seq, CancellationToken cancellationToken)
    {
        return RunAsync(requestId, who, $"undo {seq}", seq is null ? UndoLastAsync : UndoChangeAsync, cancellationToken);

        async Task<Work> UndoChangeAsync(NpgsqlTransaction transaction)
        {
            var (events, problem) = await ReadUndoneAsync(transaction.Connection!, [seq!.Value], cancellationToken);
            if (problem is not null || events.Count == 0)
            {
                return new Work(Refused(problem ?? "There is no such change of a verdict: one of the pictures may be erased."), []);
            }

            var work = await WriteAsync(transaction, [.. events.Select(UndoRule.Inverse)], who, cancellationToken);
            if (work.Outcome is ReviewOutcome.Done)
            {
                await AnswerStore.UndoEventAsync(transaction.Connection!, seq.Value, cancellationToken);
            }

            return work;
        }

        async Task<Work> UndoLastAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            string? first = null;
            var form = await AnswerStore.ReadLastAsync(connection, who, long.MaxValue, cancellationToken);
            for (var skipped = 0; form is not null && skipped < MaxFormsSkipped; skipped++)
            {
                var (events, problem) = await ReadUndoneAsync(connection, form.Events, cancellationToken);
                if (problem is null)
                {
                    var work = await WriteAsync(
                        transaction, [.. events.AsEnumerable().Reverse().Select(UndoRule.Inverse)], who, cancellationToken);
                    if (work.Outcome is ReviewOutcome.Done done)
                    {
                        await AnswerStore.UndoRequestAsync(connection, form.RequestId, cancellationToken);
                        return work with { Outcome = done with { TakenBack = form.Pair } };
                    }

                    return work;
                }

                first ??= problem;
                form = await AnswerStore.ReadLastAsync(connection, who, form.FirstAnswerId, cancellationToken);
            }

            return new Work(Refused(first ?? "There is no answer of yours to take back."), []);
        }
    }

    /// <summary>Withdraws a verdict and gives another that it stood against, together.</summary>
    /// <param name="requestId">Id of the form.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="withdrawn">Two contents whose verdict is withdrawn; null: none is.</param>
    /// <param name="given">The verdict to give.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ReviewOutcome> ReplaceAsync(
        Guid requestId, string who, (long A, long B)? withdrawn, Verdict given, CancellationToken cancellationToken)
    {
        VerdictChange give = new(given.ContentA, given.ContentB, given.Same ? VerdictWord.Same : VerdictWord.Different);
        VerdictChange[] changes = withdrawn is var (a, b) ? [VerdictChange.Of(a, b, VerdictWord.Withdrawn), give] : [give];
        return RunAsync(
            requestId, who, $"replace {withdrawn?.A} {withdrawn?.B} {give.ContentA} {give.ContentB} {give.Word}",
            transaction => WriteAsync(transaction, changes, who, cancellationToken), cancellationToken);
    }

    private const string Gone = "One of the pictures is not stored any more.";

    private async Task<ReviewOutcome> RunAsync(
        Guid requestId, string who, string body, Func<NpgsqlTransaction, Task<Work>> run, CancellationToken cancellationToken)
    {
        Work work;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            if (!await AnswerStore.TakeRequestAsync(connection, requestId, who, body, cancellationToken))
            {
                return await AnswerStore.SaidAsync(connection, requestId, who, body, cancellationToken)
                    ? new ReviewOutcome.Repeated() : new ReviewOutcome.Reused();
            }

            work = await run(transaction);
            if (work.Outcome is ReviewOutcome.Refused or ReviewOutcome.PlanChanged)
            {
                return work.Outcome; // Rolled back: the form may be sent again.
            }

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

    // The changes in their order, and why they cannot be taken back, or null.
    private static async Task<(IReadOnlyList<VerdictEvent> Events, string? Problem)> ReadUndoneAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken)
    {
        var histories = await VerdictEventStore.ReadHistoriesAsync(connection, seqs, cancellationToken);
        var byPair = histories.ToLookup(e => (e.ContentA, e.ContentB));
        var events = histories.Where(e => seqs.Contains(e.Seq)).ToList();
        return (events, events.Select(e => UndoRule.Problem([.. byPair[(e.ContentA, e.ContentB)]], e)).FirstOrDefault(p => p is not null));
    }

    private static async Task<Work> WriteAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<VerdictChange> changes, string who, CancellationToken cancellationToken) =>
        await VerdictTransaction.WriteAsync(transaction, changes, who, null, cancellationToken) switch
        {
            VerdictWriting.Contradicted(_, var chain) => new Work(new ReviewOutcome.Contradicts(chain), []),
            VerdictWriting.Written written => new Work(
                new ReviewOutcome.Done(written.Events.Count(e => e is not null), 0), VerdictTransaction.Messages(changes, written))
            {
                Events = written.Events,
                Changed =
                [
                    .. changes.Zip(written.Events).Where(c => c.Second is not null)
                        .SelectMany(c => new[] { c.First.ContentA, c.First.ContentB }).Distinct(),
                ],
            },
            _ => new Work(Refused(Gone), []),
        };

    private static ReviewOutcome Refused(string detail) => new ReviewOutcome.Refused(detail);

    /// <summary>What a request did within its transaction.</summary>
    private sealed record Work(ReviewOutcome Outcome, IReadOnlyCollection<object> Messages)
    {
        public IReadOnlyList<long?> Events { get; init; } = [];

        public IReadOnlyCollection<long> Changed { get; init; } = [];

        public IReadOnlyCollection<long> Released { get; init; } = [];
    }
}
