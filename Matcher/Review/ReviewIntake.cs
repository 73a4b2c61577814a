using CpfPipeline.Contracts;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>
/// Takes what reviewers answer, decide and take back. A request is one transaction: all of it or none, and the same one twice is done once.
/// When a call returns, the groups are up to date. If this process dies before that, the receiver of the messages updates them.
/// </summary>
internal sealed class ReviewIntake(NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, DispatchOutbox dispatch)
{
    /// <summary>Verdicts of one decision at most.</summary>
    public const int MaxVerdicts = 500;

    // A larger group is decided on after it was split.
    private const int MaxGroupSize = 2_000;

    /// <summary>Takes an answer.</summary>
    public Task<ReviewOutcome> AnswerAsync(ReviewAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.A == answer.B || answer.Word is not (VerdictWord.Same or VerdictWord.Different or ReviewAnswer.Unsure))
        {
            return Task.FromResult(Refused($"An answer on two pictures is same, different or unsure, not '{answer.Word}'."));
        }

        return RunAsync(answer.RequestId, answer.Who, AnswerAsync, cancellationToken);

        async Task<Work> AnswerAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            var change = VerdictChange.Of(answer.A, answer.B, answer.Word);
            if (answer.Word == ReviewAnswer.Unsure)
            {
                if ((await VerdictStore.LockStoredAsync(connection, [answer.A, answer.B], cancellationToken)).Count < 2)
                {
                    return new Work(Refused(Gone), []);
                }

                await AnswerStore.AddAsync(
                    connection, answer.RequestId, answer.Who, [(change.ContentA, change.ContentB, answer.Word, null)], 0,
                    cancellationToken);
                return new Work(new ReviewOutcome.Done(0, 0), []);
            }

            var work = await WriteAsync(transaction, [change], answer.Who, cancellationToken);
            if (work is { Outcome: ReviewOutcome.Done done, Events: [var seq] })
            {
                var settled = await models.GetActiveAsync(cancellationToken) is { } model
                    ? await SettledCount.ReadAsync(
                        connection, model.HeadId, model.ModelId,
                        new Verdict(change.ContentA, change.ContentB, answer.Word == VerdictWord.Same), cancellationToken)
                    : 0;
                await AnswerStore.AddAsync(
                    connection, answer.RequestId, answer.Who, [(change.ContentA, change.ContentB, answer.Word, seq)], settled,
                    cancellationToken);
                return work with { Outcome = done with { Settled = settled } };
            }

            return work;
        }
    }

    /// <summary>Takes a decision on pictures of a group.</summary>
    public Task<ReviewOutcome> DecideAsync(GroupDecisionRequest request, CancellationToken cancellationToken)
    {
        return RunAsync(request.RequestId, request.Who, DecideAsync, cancellationToken);

        async Task<Work> DecideAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            var (plan, problem) = await PlanAsync(connection, request.GroupId, request.Word, request.Chosen, cancellationToken);
            if (plan is null)
            {
                return new Work(Refused(problem!), []);
            }

            if (request.Word == GroupDecision.Placeholder)
            {
                await VerdictStore.LockStoredAsync(connection, request.Chosen, cancellationToken);
                foreach (var contentId in request.Chosen.Order())
                {
                    await PlaceholderStore.OverrideAsync(connection, contentId, true, request.Who, null, cancellationToken);
                }

                return new Work(new ReviewOutcome.Done(0, 0), [new ContentReleased { ContentIds = [.. request.Chosen.Order()] }])
                {
                    Released = request.Chosen,
                };
            }

            var work = await WriteAsync(transaction, plan, request.Who, cancellationToken);
            if (work.Outcome is ReviewOutcome.Done)
            {
                await AnswerStore.AddAsync(
                    connection, request.RequestId, request.Who,
                    [.. plan.Zip(work.Events).Select(c => (c.First.ContentA, c.First.ContentB, c.First.Word, c.Second))], 0,
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
        return await PlanAsync(connection, groupId, word, chosen, cancellationToken);
    }

    /// <summary>Takes back what a reviewer answered last, or a given change of a verdict, whoever made it.</summary>
    /// <param name="requestId">Id of the form.</param>
    /// <param name="who">The reviewer.</param>
    /// <param name="seq">The change; null: the reviewer's last form that stands.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ReviewOutcome> UndoAsync(Guid requestId, string who, long? seq, CancellationToken cancellationToken)
    {
        return RunAsync(requestId, who, UndoAsync, cancellationToken);

        async Task<Work> UndoAsync(NpgsqlTransaction transaction)
        {
            var connection = transaction.Connection!;
            var last = seq is null ? await AnswerStore.ReadLastAsync(connection, who, cancellationToken) : null;
            if (seq is null && last is null)
            {
                return new Work(Refused("There is no answer of yours to take back."), []);
            }

            var wanted = last?.Events ?? [seq!.Value];
            var histories = await VerdictEventStore.ReadHistoriesAsync(connection, wanted, cancellationToken);
            var events = histories.Where(e => wanted.Contains(e.Seq)).ToList();
            if (seq is not null && events.Count == 0)
            {
                return new Work(Refused("There is no such change of a verdict: one of the pictures may be erased."), []);
            }

            var byPair = histories.ToLookup(e => (e.ContentA, e.ContentB));
            if (events.Select(e => UndoRule.Problem([.. byPair[(e.ContentA, e.ContentB)]], e)).FirstOrDefault(p => p is not null)
                is { } problem)
            {
                return new Work(Refused(problem), []);
            }

            var work = await WriteAsync(
                transaction, [.. events.AsEnumerable().Reverse().Select(UndoRule.Inverse)], who, cancellationToken);
            if (work.Outcome is ReviewOutcome.Done)
            {
                await (last is { } form
                    ? AnswerStore.UndoRequestAsync(connection, form.RequestId, cancellationToken)
                    : AnswerStore.UndoEventAsync(connection, seq!.Value, cancellationToken));
            }

            return work;
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
        return RunAsync(requestId, who, transaction => WriteAsync(transaction, changes, who, cancellationToken), cancellationToken);
    }

    private const string Gone = "One of the pictures is not stored any more.";

    private async Task<ReviewOutcome> RunAsync(
        Guid requestId, string who, Func<NpgsqlTransaction, Task<Work>> run, CancellationToken cancellationToken)
    {
        Work work;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
            if (!await AnswerStore.TakeRequestAsync(connection, requestId, who, cancellationToken))
            {
                return new ReviewOutcome.Repeated();
            }

            work = await run(transaction);
            if (work.Outcome is ReviewOutcome.Refused)
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

    private async Task<(IReadOnlyList<VerdictChange>? Changes, string? Problem)> PlanAsync(
        NpgsqlConnection connection, long groupId, string? word, IReadOnlyCollection<long> chosen, CancellationToken cancellationToken)
    {
        if (!GroupDecision.IsKnown(word))
        {
            return (null, $"A decision is split, same or placeholder, not '{word}'.");
        }

        if (chosen.Count == 0 || (word == GroupDecision.Same && chosen.Count < 2))
        {
            return (null, word == GroupDecision.Same ? "Choose two pictures or more." : "Choose a picture first.");
        }

        var members = await models.GetActiveAsync(cancellationToken) is { } model
            ? await GroupStore.ReadMemberIdsAsync(connection, model.ModelId, groupId, MaxGroupSize + 1, cancellationToken) : [];
        if (members.Count > MaxGroupSize)
        {
            return (null, $"The group has more than {MaxGroupSize} pictures: answer its doubtful pairs in the queue first.");
        }

        if (chosen.Except(members).Any())
        {
            return (null, "The group has changed since: look at it again.");
        }

        var others = members.Except(chosen).ToList();
        if (word == GroupDecision.Split && others.Count == 0)
        {
            return (null, "All pictures of the group are chosen: there is nothing left to split them from.");
        }

        var settled = new SettledPairs(await VerdictStore.ReadClosureAsync(connection, members, cancellationToken));
        var changes = GroupDecision.Changes(word!, chosen, others, settled);
        return changes.Count > MaxVerdicts
            ? (null, $"That would take {changes.Count} verdicts, and {MaxVerdicts} are the most at once. Say first which of the rest are all "
                + "the same: then fewer are needed.")
            : (changes, null);
    }

    private static ReviewOutcome Refused(string detail) => new ReviewOutcome.Refused(detail);

    /// <summary>What a request did within its transaction.</summary>
    private sealed record Work(ReviewOutcome Outcome, IReadOnlyCollection<object> Messages)
    {
        public IReadOnlyList<long?> Events { get; init; } = [];

        public IReadOnlyCollection<long> Changed { get; init; } = [];

        public IReadOnlyCollection<long> Released { get; init; } = [];
    }
}
