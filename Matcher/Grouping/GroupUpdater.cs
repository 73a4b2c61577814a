using System.Diagnostics;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>
/// Brings the groups of the active model in line with what the database says about some contents, whichever message caused it and however
/// often it came.
/// </summary>
internal sealed class GroupUpdater(
    NpgsqlDataSource dataSource, ModelStore models, INeighbourSearch search, DispatchOutbox dispatch, IOptions<MatcherOptions> options,
    MatcherActivity activity, MatcherMetrics metrics, ILogger<GroupUpdater> logger)
{
    // Being overtaken takes another model, or members that moved meanwhile. So often in a row it is a fault, and the message comes again.
    private const int MaxRounds = 20;

    /// <summary>Lets arrivals in and departures out among the given contents.</summary>
    public async Task RefreshAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        using var work = activity.Begin();
        foreach (var chunk in contentIds.Distinct().Chunk(options.Value.ChunkContents))
        {
            await UpdateAsync(chunk, recompute: false, cancellationToken);
        }
    }

    /// <summary>
    /// As <see cref="RefreshAsync"/>, and computes the components of the given contents afresh: for both ends of a verdict that was given,
    /// changed or withdrawn.
    /// </summary>
    public async Task RecomputeAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        // In one piece: the edge between the two ends is only found when both are compared with each other.
        using var work = activity.Begin();
        await UpdateAsync([.. contentIds.Distinct()], recompute: true, cancellationToken);
    }

    /// <summary>
    /// Unites the components of pairs that the search had missed, and marks contents as reconciled in the same transaction.
    /// </summary>
    /// <returns>false: the model is not the active one any more, nothing was done.</returns>
    public async Task<bool> UniteAsync(
        ServingModel model, IReadOnlyCollection<(long A, long B)> missedPairs, IReadOnlyCollection<long> reconciled, long asOfSeq,
        CancellationToken cancellationToken)
    {
        var request = new GroupRequest
        {
            Search = SearchResult.Nothing(model.EmbeddingDim), MissedPairs = missedPairs, Reconciled = reconciled,
            ReconciledAsOfSeq = asOfSeq,
        };
        return await TryApplyAsync(model, request, cancellationToken) is not null;
    }

    private async Task UpdateAsync(IReadOnlyCollection<long> contentIds, bool recompute, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        GroupOutcome? outcome;
        var rounds = 0;
        do
        {
            if (rounds++ == MaxRounds)
            {
                throw new TimeoutException($"{contentIds.Count} contents were overtaken {MaxRounds} times while they were being grouped.");
            }

            if (await models.GetActiveAsync(cancellationToken) is not { } model)
            {
                return; // The activation of the first model groups everything.
            }

            IReadOnlyCollection<long> marks = recompute ? await ReadMarksAsync(model, contentIds, cancellationToken) : [];
            outcome = await GroupUpdate.TryRunAsync(new ActiveTarget(this, model), contentIds, recompute, marks, cancellationToken);
        }
        while (outcome is null);

        metrics.Refreshed(contentIds.Count, Stopwatch.GetElapsedTime(started));
        if (outcome.Deferred > 0)
        {
            Log.Deferred(logger, outcome.Deferred);
        }
    }

    // Read before the verdicts are: one that comes in between has another mark.
    private async Task<IReadOnlyCollection<long>> ReadMarksAsync(
        ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        return await ModelStaleStore.ReadOfAsync(connection, model.ModelId, contentIds, cancellationToken);
    }

    private async Task<GroupOutcome?> TryApplyAsync(ServingModel model, GroupRequest request, CancellationToken cancellationToken)
    {
        GroupOutcome? outcome;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            outcome = await GroupTransaction.TryApplyAsync(connection, model, request, options.Value, cancellationToken);
            if (outcome is null)
            {
                return null;
            }

            await transaction.CommitAsync(cancellationToken);
        }

        metrics.Moved(outcome.Arrivals, outcome.Departures);
        await dispatch(outcome.Outbox, cancellationToken);
        return outcome;
    }

    /// <summary>The active model. Each step has a connection of its own, so that none is held while the Matcher searches.</summary>
    private sealed class ActiveTarget(GroupUpdater updater, ServingModel model) : IGroupTarget
    {
        public ServingModel Model => model;

        public async Task<List<ContentMembership>> ReadStatesAsync(
            IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
        {
            await using var connection = await updater.OpenAsync(cancellationToken);
            return await MembershipStore.ReadStatesAsync(connection, model.HeadId, model.ModelId, contentIds, cancellationToken);
        }

        public Task<SearchResult> SearchAsync(IReadOnlyCollection<long> contentIds, bool anyArrives, CancellationToken cancellationToken) =>
            updater.SearchAsync(model, contentIds, anyArrives, cancellationToken);

        public Task<GroupOutcome?> TryApplyAsync(GroupRequest request, CancellationToken cancellationToken) =>
            updater.TryApplyAsync(model, request, cancellationToken);
    }

    private ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => dataSource.OpenConnectionAsync(cancellationToken);

    private async Task<SearchResult> SearchAsync(
        ServingModel model, IReadOnlyCollection<long> contentIds, bool anyArrives, CancellationToken cancellationToken)
    {
        if (anyArrives)
        {
            return await search.SearchAsync(model, contentIds, cancellationToken);
        }

        // A verdict changes the edge between its two ends and no other. So nothing is searched for, however large the catalogue is.
        await using var connection = await OpenAsync(cancellationToken);
        return await StreamedSearch.AmongAsync(connection, model, contentIds, options.Value, cancellationToken);
    }
}
