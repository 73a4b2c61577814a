using CpfPipeline.Data;
using CpfPipeline.Matcher.Giants;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Brings the groups of a shadow that has some in line with what is live: what came, what went, where verdicts changed. It searches without the gallery, which
/// serves the active model, and exactly: no reconcile comes after it.
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
    public async Task<bool> ApplyWithinAsync(NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken) =>
        await DepartAsync(connection, model, rest.Gone, cancellationToken)
        && await ArriveAsync(connection, model, rest, await SearchAsync(connection, model, rest, cancellationToken), cancellationToken);

    private async Task<bool> ApplyAsync(NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Departures by themselves: a search that found one would not hold in the transaction in which it leaves.
            if (await InTransactionAsync(connection, () => DepartAsync(connection, model, rest.Gone, cancellationToken), cancellationToken))
            {
                var search = await SearchAsync(connection, model, rest, cancellationToken);
                if (await InTransactionAsync(connection, () => ArriveAsync(connection, model, rest, search, cancellationToken), cancellationToken))
                {
                    return true;
                }
            }

            if (!await IsShadowAsync(model, cancellationToken))
            {
                return false;
            }
        }
    }

    private async Task<bool> IsShadowAsync(ServingModel model, CancellationToken cancellationToken) =>
        (await models.GetServingAsync(cancellationToken)).Any(m => m.ModelId == model.ModelId && m.State == "shadow");

    private async Task<bool> DepartAsync(NpgsqlConnection connection, ServingModel model, IReadOnlyList<long> gone, CancellationToken cancellationToken) =>
        gone.Count == 0 || await GroupTransaction.TryApplyAsync(
            connection, model, new GroupRequest { ContentIds = gone, Search = SearchResult.Nothing(model.EmbeddingDim) }, options.Value.MaxOnlineComponent,
            cancellationToken) is not null;

    private Task<SearchResult> SearchAsync(NpgsqlConnection connection, ServingModel model, ShadowRest rest, CancellationToken cancellationToken) =>
        rest.Arrivals.Count + rest.Stale.Count == 0
            ? Task.FromResult(SearchResult.Nothing(model.EmbeddingDim))
            : StreamedSearch.RunAsync(connection, model, Sought(rest), options.Value, HandoverThreads.Most, cancellationToken);

    private async Task<bool> ArriveAsync(
        NpgsqlConnection connection, ServingModel model, ShadowRest rest, SearchResult search, CancellationToken cancellationToken)
    {
        if (rest.Arrivals.Count + rest.Stale.Count == 0)
        {
            return true;
        }

        var request = new GroupRequest { ContentIds = Sought(rest), Search = search, Recompute = rest.Stale.Count > 0 };
        if (await GroupTransaction.TryApplyAsync(connection, model, request, options.Value.MaxOnlineComponent, cancellationToken) is null)
        {
            return false;
        }

        // Marks made since they were read stay for the next look.
        await PreparationStore.DeleteStaleAsync(connection, model.ModelId, [.. rest.Stale.Select(s => s.Seq)], cancellationToken);
        return true;
    }

    private static long[] Sought(ShadowRest rest) => [.. rest.Arrivals.Concat(rest.Stale.Select(s => s.ContentId)).Distinct()];

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
