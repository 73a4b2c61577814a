using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>Chooses between the members in memory, the index, and streaming all members; decides every edge by the exact similarity.</summary>
internal sealed class NeighbourSearch(NpgsqlDataSource dataSource, Gallery gallery, IOptions<MatcherOptions> options, MatcherMetrics metrics) : INeighbourSearch
{
    // pgvector adds up in single precision: what it puts last may be similar by that much more than what it left out.
    private const double IndexMargin = 1e-3;

    private const int WidestIndexSearch = 1000;

    // Measured on two cores: members in memory are read, then multiplied (see Int8Kernel; join.md); 250 index searches a second.
    private const double SecondsAReadValue = 1 / 10e9;
    private const double SecondsAMultiplyAdd = 1 / 150e9;
    private const double SecondsASearch = 0.004;

    public async Task<SearchResult> SearchAsync(ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var found = await StreamedSearch.BeginAsync(connection, model, contentIds, options.Value, maxThreads: 0, cancellationToken);
        var (asOf, isExact) = await FindMembersAsync(connection, model, found, cancellationToken);
        await MatchStore.AddAsync(connection, model.HeadId, found.Pairs(), cancellationToken);
        return new SearchResult { AsOfSeq = asOf, Searched = found.Contents, Edges = found.Edges, Verdicts = found.Verdicts, IsExact = isExact };
    }

    private async Task<(long AsOfSeq, bool IsExact)> FindMembersAsync(
        NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        var (mode, contents) = (options.Value.Search, found.Contents);
        var indexed = mode != SearchMode.Join && await ReconcileStore.IsIndexedAsync(connection, model.HeadId, cancellationToken);
        if (!(indexed && mode == SearchMode.Index))
        {
            bool Worthwhile(long members)
            {
                var values = (double)members * model.EmbeddingDim;
                return !indexed || (values * SecondsAReadValue) + (values * contents.Count * SecondsAMultiplyAdd) < contents.Count * SecondsASearch;
            }

            if (await gallery.JoinAsync(model, Worthwhile, block => found.Join(block, cancellationToken), cancellationToken) is { } seq)
            {
                metrics.Joined(contents.Count);
                return (seq, true);
            }
        }

        var asOf = await GroupStore.LastSeqAsync(connection, cancellationToken);
        var rows = indexed && mode == SearchMode.Auto
            ? (await ReconcileStore.ReadIndexStateAsync(connection, model.HeadId, model.ModelId, cancellationToken)).Members
            : 0;
        if (indexed && (mode == SearchMode.Index || !SearchPlan.ShouldJoin(contents.Count, rows, model.EmbeddingDim, indexed)))
        {
            var unsure = await SearchIndexAsync(connection, model, found, cancellationToken);
            metrics.Searched(contents.Count - unsure.Count);
            if (unsure.Count > 0)
            {
                var rest = found.For(unsure);
                var seq = await gallery.JoinAsync(model, _ => mode == SearchMode.Auto, block => rest.Join(block, cancellationToken), cancellationToken);
                if (seq is null)
                {
                    await StreamAsync(connection, model, rest, cancellationToken);
                }

                asOf = Math.Min(asOf, seq ?? asOf);
            }

            return (asOf, false);
        }

        await StreamAsync(connection, model, found, cancellationToken);
        return (asOf, true);
    }

    /// <summary>Searches the index, wider and wider; returns the contents whose neighbours may still go on.</summary>
    private async Task<EmbeddingMatrix> SearchIndexAsync(
        NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        var contents = found.Contents;
        IReadOnlyCollection<long> open = contents.ContentIds.ToArray();
        var hits = new HashSet<(long ContentId, long NeighbourId, double Similarity)>();
        for (var count = options.Value.IndexNeighbours; open.Count > 0 && count <= WidestIndexSearch; count = Widen(count))
        {
            var last = open.ToDictionary(id => id, _ => (Rows: 0, Least: double.PositiveInfinity));
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await EmbeddingReader.SearchIndexAsync(
                connection, model.HeadId, model.EmbeddingDim, open, count,
                count == options.Value.IndexNeighbours ? options.Value.IndexCandidates : Math.Max(count, options.Value.IndexCandidates),
                (contentId, neighbourId, embedding) =>
                {
                    var similarity = Similarity.Exact(contents.Row(found.Row(contentId)), embedding);
                    last[contentId] = (last[contentId].Rows + 1, Math.Min(last[contentId].Least, similarity));
                    if (contentId != neighbourId && similarity >= model.Threshold)
                    {
                        hits.Add((contentId, neighbourId, similarity));
                    }
                },
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            open = [.. open.Where(id => last[id].Rows < count || last[id].Least >= model.Threshold - IndexMargin)];
        }

        // The index knows every embedding of the head, also of contents that are not live.
        var members = (await GroupStore.ReadMembersAsync(connection, model.ModelId, [.. hits.Select(h => h.NeighbourId).Distinct()], cancellationToken))
            .Select(m => m.ContentId).ToHashSet();
        foreach (var (contentId, neighbourId, similarity) in hits.Where(h => members.Contains(h.NeighbourId)))
        {
            found.Add(contentId, neighbourId, similarity);
        }

        var unsure = new EmbeddingMatrix(model.EmbeddingDim, open.Count);
        foreach (var contentId in open)
        {
            unsure.Add(contentId, contents.Row(found.Row(contentId)));
        }

        return unsure;
    }

    private async Task StreamAsync(NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        metrics.Joined(found.Contents.Count);
        await StreamedSearch.JoinAsync(connection, model, found, cancellationToken);
    }

    private static int Widen(int count) => count < WidestIndexSearch ? Math.Min(4 * count, WidestIndexSearch) : count + 1;
}
