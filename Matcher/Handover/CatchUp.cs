using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Giants;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Brings the groups of a shadow that has some in line with what is live: what came, what went, where verdicts changed. It searches without the gallery, which
/// serves the active model, and exactly.
/// </summary>
internal sealed class CatchUp(NpgsqlDataSource dataSource, ModelStore models, GiantRegrouper giants, IOptions<MatcherOptions> options)
{
    /// <summary>Works until nothing is left at the last look, giants included.</summary>
    /// <returns>Contents looked at; null: the model is not the shadow any more.</returns>
    public async Task<long?> RunAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var looked = 0L;
        while (await IsShadowAsync(model, cancellationToken))
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            var rest = await ShadowRest.ReadAsync(connection, model, cancellationToken);
            looked += rest.Count;
            foreach (var part in Parts(rest))
            {
                if (!await ApplyAsync(connection, model, part, cancellationToken))
                {
                    return null;
                }
            }

            var regrouped = await giants.RegroupAsync(model, _ => Task.CompletedTask, HandoverThreads.Most, cancellationToken);
            if (rest.Count == 0 && !regrouped)
            {
                return looked;
            }
        }

        return null;
    }

    /// <summary>Takes in a rest within the caller's transaction, which holds the group lock.</summary>
    /// <returns>false: it could not be; roll back.</returns>
    public Task<bool> ApplyWithinAsync(NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken) =>
        TryApplyAsync(connection, model, rest, action => action(), cancellationToken);

    private async Task<bool> ApplyAsync(NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken)
    {
        while (!await TryApplyAsync(connection, model, rest, action => InTransactionAsync(connection, action, cancellationToken), cancellationToken))
        {
            if (!await IsShadowAsync(model, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> IsShadowAsync(ServingModel model, CancellationToken cancellationToken) =>
        (await models.GetServingAsync(cancellationToken)).Any(m => m.ModelId == model.ModelId && m.State == "shadow");

    /// <summary>What is known of the rest is a guess: the state at this moment decides who leaves and who is searched for, the state under the lock who comes in.</summary>
    private async Task<bool> TryApplyAsync(
        NpgsqlConnection connection, ServingModel model, ShadowRest rest, Func<Func<Task<bool>>, Task<bool>> transact, CancellationToken cancellationToken)
    {
        var ids = rest.Gone.Concat(rest.Arrivals).Concat(rest.Stale.Select(s => s.ContentId)).Distinct().ToArray();
        var recompute = rest.Stale.Count > 0;
        var states = await MembershipStore.ReadStatesAsync(connection, model.HeadId, model.ModelId, ids, cancellationToken);
        var leaving = states.Where(s => !s.Live && s.Member is not null).Select(s => s.ContentId).ToArray();
        var sought = states.Where(s => s.Live && (recompute || s.Member is null)).Select(s => s.ContentId).ToArray();

        // By themselves: a search that found one who leaves would not hold in the transaction in which it leaves.
        var departures = new GroupRequest { ContentIds = leaving, Search = SearchResult.Nothing(model.EmbeddingDim) };
        if (leaving.Length > 0 && !await transact(() => TryApplyAsync(connection, model, departures, [], cancellationToken)))
        {
            return false;
        }

        var search = sought.Length == 0
            ? SearchResult.Nothing(model.EmbeddingDim)
            : await StreamedSearch.RunAsync(connection, model, sought, options.Value, HandoverThreads.Most, cancellationToken);
        var request = new GroupRequest { ContentIds = ids, Search = search, Recompute = recompute };
        return sought.Length + rest.Stale.Count == 0 || await transact(() => TryApplyAsync(connection, model, request, rest.Stale, cancellationToken));
    }

    private async Task<bool> TryApplyAsync(
        NpgsqlConnection connection, ServingModel model, GroupRequest request, IReadOnlyList<(long ContentId, long Seq)> stale, CancellationToken cancellationToken)
    {
        if (await GroupTransaction.TryApplyAsync(connection, model, request, options.Value.MaxOnlineComponent, cancellationToken) is null)
        {
            return false;
        }

        // Marks made since they were read stay for the next look.
        await PreparationStore.DeleteStaleAsync(connection, model.ModelId, [.. stale.Select(s => s.Seq)], cancellationToken);
        return true;
    }

    private IEnumerable<ShadowRest> Parts(ShadowRest rest)
    {
        var chunk = options.Value.ChunkContents;
        foreach (var gone in rest.Gone.Chunk(chunk))
        {
            yield return new ShadowRest(gone, [], []);
        }

        foreach (var arrivals in rest.Arrivals.Chunk(chunk))
        {
            yield return new ShadowRest([], arrivals, []);
        }

        foreach (var stale in rest.Stale.Chunk(chunk))
        {
            yield return new ShadowRest([], [], stale);
        }
    }

    private static async Task<bool> InTransactionAsync(NpgsqlConnection connection, Func<Task<bool>> action, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await action())
        {
            return false;
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
