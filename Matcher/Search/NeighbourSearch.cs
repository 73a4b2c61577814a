using CpfPipeline.Data;
using CpfPipeline.Matching;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>Chooses between the members in memory, the index, and streaming all members; decides every edge by the exact similarity.</summary>
internal sealed class NeighbourSearch(NpgsqlDataSource dataSource, Gallery gallery, IOptions<MatcherOptions> options, MatcherMetrics metrics) : INeighbourSearch
{
    // pgvector adds up in single precision: what it puts last may be similar by that much more than what it left out.
    private const double IndexMargin = 1e-3;

    private const int WidestIndexSearch = 1000;

    // Measured on two cores: a block is widened once, then multiplied; 250 index searches a second.
    private const double SecondsAWidenedValue = 1 / 2e9;
    private const double SecondsAMultiplyAdd = 1 / 40e9;
    private const double SecondsASearch = 0.004;

    public async Task<SearchResult> SearchAsync(ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (contents, found) = await StreamedSearch.BeginAsync(connection, model, contentIds, options.Value.PairsKept, maxThreads: 0, cancellationToken);
        var asOf = await FindMembersAsync(connection, model, contents, found, cancellationToken);
        await MatchStore.AddAsync(connection, model.HeadId, found.Pairs(), cancellationToken);
        return new SearchResult { AsOfSeq = asOf, Searched = contents, Edges = found.Edges, Verdicts = found.Verdicts };
    }

    private async Task<long> FindMembersAsync(
        NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, FoundNeighbours found, CancellationToken cancellationToken)
    {
        var mode = options.Value.Search;
        var indexed = mode != SearchMode.Join && await ReconcileStore.IsIndexedAsync(connection, model.HeadId, cancellationToken);
        if (!(indexed && mode == SearchMode.Index))
        {
            bool Worthwhile(long members)
            {
                var values = (double)members * model.EmbeddingDim;
                return !indexed || (values * SecondsAWidenedValue) + (values * contents.Count * SecondsAMultiplyAdd) < contents.Count * SecondsASearch;
            }

            if (await gallery.JoinAsync(model, contents, Worthwhile, found.Add, cancellationToken) is { } seq)
            {
                metrics.Joined(contents.Count);
                return seq;
            }
        }

        var asOf = await GroupStore.LastSeqAsync(connection, cancellationToken);
        var rows = indexed && mode == SearchMode.Auto
            ? (await ReconcileStore.ReadIndexStateAsync(connection, model.HeadId, model.ModelId, cancellationToken)).Members
            : 0;
        if (indexed && (mode == SearchMode.Index || !SearchPlan.ShouldJoin(contents.Count, rows, model.EmbeddingDim, indexed)))
        {
            var unsure = await SearchIndexAsync(connection, model, contents, found, cancellationToken);
            metrics.Searched(contents.Count - unsure.Count);
            await StreamAsync(connection, model, unsure, found, cancellationToken);
        }
        else
        {
            await StreamAsync(connection, model, contents, found, cancellationToken);
        }

        return asOf;
    }

    /// <summary>Searches the index, wider and wider; returns the contents whose neighbours may still go on.</summary>
    private async Task<EmbeddingMatrix> SearchIndexAsync(
        NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, FoundNeighbours found, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<long> open = contents.ContentIds.ToArray();
        var hits = new HashSet<(int Row, long NeighbourId, double Similarity)>();
        for (var count = options.Value.IndexNeighbours; open.Count > 0 && count <= WidestIndexSearch; count = Widen(count))
        {
            var last = open.ToDictionary(id => id, _ => (Rows: 0, Least: double.PositiveInfinity));
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await EmbeddingReader.SearchIndexAsync(
                connection, model.HeadId, model.EmbeddingDim, open, count,
                count == options.Value.IndexNeighbours ? options.Value.IndexCandidates : Math.Max(count, options.Value.IndexCandidates),
                (contentId, neighbourId, embedding) =>
                {
                    var row = found.Row(contentId);
                    var similarity = Similarity.Exact(contents.Row(row), embedding);
                    last[contentId] = (last[contentId].Rows + 1, Math.Min(last[contentId].Least, similarity));
                    if (contentId != neighbourId && similarity >= model.Threshold)
                    {
                        hits.Add((row, neighbourId, similarity));
                    }
                },
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            open = [.. open.Where(id => last[id].Rows < count || last[id].Least >= model.Threshold - IndexMargin)];
        }

        // The index knows every embedding of the head, also of contents that are not live.
        var members = (await GroupStore.ReadMembersAsync(connection, model.ModelId, [.. hits.Select(h => h.NeighbourId).Distinct()], cancellationToken))
            .Select(m => m.ContentId).ToHashSet();
        foreach (var (row, neighbourId, similarity) in hits.Where(h => members.Contains(h.NeighbourId)))
        {
            found.Add(row, neighbourId, similarity);
        }

        var unsure = new EmbeddingMatrix(model.EmbeddingDim, open.Count);
        foreach (var contentId in open)
        {
            unsure.Add(contentId, contents.Row(found.Row(contentId)));
        }

        return unsure;
    }

    private async Task StreamAsync(
        NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, FoundNeighbours found, CancellationToken cancellationToken)
    {
        metrics.Joined(contents.Count);
        await StreamedSearch.JoinAsync(connection, model, contents, found, maxThreads: 0, cancellationToken);
    }

    private static int Widen(int count) => count < WidestIndexSearch ? Math.Min(4 * count, WidestIndexSearch) : count + 1;
}
