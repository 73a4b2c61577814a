using System.Diagnostics;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher.Search;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>
/// Brings the groups of the active model in line with what the database says about some contents, whatever message caused it and however
/// often it came.
/// </summary>
internal sealed class GroupUpdater(
    NpgsqlDataSource dataSource, ModelStore models, INeighbourSearch search, DispatchOutbox dispatch, IOptions<MatcherOptions> options, MatcherActivity activity,
    MatcherMetrics metrics, ILogger<GroupUpdater> logger)
{
    /// <summary>Lets arrivals in and departures out among the given contents.</summary>
    public Task RefreshAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        UpdateAsync(contentIds, recompute: false, cancellationToken);

    /// <summary>As <see cref="RefreshAsync"/>, and computes the components of the given contents afresh: for both ends of a verdict that was given, changed or withdrawn.</summary>
    public Task RecomputeAsync(IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken) =>
        UpdateAsync(contentIds, recompute: true, cancellationToken);

    /// <summary>Unites the components of pairs that the search had missed, and marks contents as reconciled in the same transaction.</summary>
    /// <returns>false: the model is not the active one any more, nothing was done.</returns>
    public async Task<bool> UniteAsync(
        ServingModel model, IReadOnlyCollection<(long A, long B)> missedPairs, IReadOnlyCollection<long> reconciled, long asOfSeq, CancellationToken cancellationToken)
    {
        var request = new GroupRequest
        {
            Search = SearchResult.Nothing(model.EmbeddingDim), MissedPairs = missedPairs, Reconciled = reconciled, ReconciledAsOfSeq = asOfSeq,
        };
        return await TryApplyAsync(model, request, cancellationToken) is not null;
    }

    private async Task UpdateAsync(IReadOnlyCollection<long> contentIds, bool recompute, CancellationToken cancellationToken)
    {
        using var work = activity.Begin();
        foreach (var chunk in contentIds.Distinct().Chunk(options.Value.ChunkContents))
        {
            var started = Stopwatch.GetTimestamp();
            GroupOutcome? outcome;
            do
            {
                if (await models.GetActiveAsync(cancellationToken) is not { } model)
                {
                    return; // The first model's activation rebuilds.
                }

                outcome = await TryApplyAsync(model, await PrepareAsync(model, chunk, recompute, cancellationToken), cancellationToken);
            }
            while (outcome is null);

            metrics.Refreshed(chunk.Length, outcome.Arrivals, outcome.Departures, Stopwatch.GetElapsedTime(started));
            if (outcome.Deferred > 0)
            {
                Log.Deferred(logger, outcome.Deferred);
            }
        }
    }

    /// <summary>
    /// Searches for those that seem to arrive. A guess: the state under the lock decides. Those that seem to leave are let out first: a search that
    /// found them would never be good enough for the transaction in which they leave.
    /// </summary>
    private async Task<GroupRequest> PrepareAsync(ServingModel model, long[] contentIds, bool recompute, CancellationToken cancellationToken)
    {
        List<ContentState> states;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            states = await MembershipStore.ReadStatesAsync(connection, model.HeadId, model.ModelId, contentIds, cancellationToken);
        }

        var wanted = states.Where(s => s.Live && (recompute || s.Member is null)).Select(s => s.ContentId).ToArray();
        var leaving = states.Where(s => !s.Live && s.Member is not null).Select(s => s.ContentId).ToArray();
        if (wanted.Length > 0 && leaving.Length > 0)
        {
            // When another model became active meanwhile this does nothing, and neither will what follows.
            var departures = new GroupRequest { ContentIds = leaving, Search = SearchResult.Nothing(model.EmbeddingDim) };
            metrics.Departed((await TryApplyAsync(model, departures, cancellationToken))?.Departures ?? 0);
        }

        return new GroupRequest
        {
            ContentIds = contentIds,
            Search = wanted.Length == 0 ? SearchResult.Nothing(model.EmbeddingDim)
                : states.Exists(s => s.Live && s.Member is null) ? await search.SearchAsync(model, wanted, cancellationToken)
                : await AmongMembersAsync(model, wanted, cancellationToken),
            Recompute = recompute,
        };
    }

    // A verdict changes an edge between its two ends, and no other: nothing is searched for, however large the catalogue is.
    private async Task<SearchResult> AmongMembersAsync(ServingModel model, long[] memberIds, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await StreamedSearch.AmongAsync(connection, model, memberIds, options.Value, cancellationToken);
    }

    private async Task<GroupOutcome?> TryApplyAsync(ServingModel model, GroupRequest request, CancellationToken cancellationToken)
    {
        GroupOutcome? outcome;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            outcome = await GroupTransaction.TryApplyAsync(connection, model, request, options.Value.MaxOnlineComponent, cancellationToken);
            if (outcome is null)
            {
                return null;
            }

            await transaction.CommitAsync(cancellationToken);
        }

        await dispatch(outcome.Outbox, cancellationToken);
        return outcome;
    }
}
