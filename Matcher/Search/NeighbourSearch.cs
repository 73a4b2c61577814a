using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>
/// Chooses between the members in memory, the index and a stream of all members. It decides every edge by the exact similarity.
/// </summary>
internal sealed class NeighbourSearch(
    NpgsqlDataSource dataSource, Gallery gallery, IOptions<MatcherOptions> options, MatcherMetrics metrics)
    : INeighbourSearch
{
    // pgvector adds up in single precision: the row that it ranks last may be less similar than a row that it left out, by this much.
    private const double IndexMargin = 1e-3;

    private const int MaxIndexNeighbours = 1000;

    public async Task<SearchResult> SearchAsync(
        ServingModel model, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var found = await StreamedSearch.BeginAsync(connection, model, contentIds, options.Value, maxThreads: 0, cancellationToken);
        var (asOf, isExact) = await FindMembersAsync(connection, model, found, cancellationToken);
        await MatchStore.AddAsync(connection, model.HeadId, found.Pairs(), cancellationToken);
        return SearchResult.Of(found, asOf, isExact);
    }

    private async Task<(long AsOfSeq, bool IsExact)> FindMembersAsync(
        NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        var (mode, contents) = (options.Value.Search, found.Contents);
        var indexed = mode != SearchMode.Join && await EmbeddingIndexStore.ExistsAsync(connection, model.HeadId, cancellationToken);
        if (!(indexed && mode == SearchMode.Index))
        {
            bool IsWorthwhile(long members) => SearchPlan.ShouldJoinInMemory(contents.Count, members, model.EmbeddingDim, indexed);
            if (await gallery.JoinAsync(model, IsWorthwhile, block => found.Join(block, cancellationToken), cancellationToken) is { } seq)
            {
                metrics.Joined(contents.Count);
                return (seq, true);
            }
        }

        var asOf = await GroupStore.LastSeqAsync(connection, cancellationToken);
        var members = indexed && mode == SearchMode.Auto
            ? await MembershipStore.CountMembersAsync(connection, model.ModelId, cancellationToken)
            : 0;
        if (indexed && (mode == SearchMode.Index || !SearchPlan.ShouldStream(contents.Count, members, model.EmbeddingDim, indexed)))
        {
            var unsure = await SearchIndexAsync(connection, model, found, cancellationToken);
            metrics.Searched(contents.Count - unsure.Count);
            if (unsure.Count > 0)
            {
                var rest = found.For(unsure);
                var seq = await gallery.JoinAsync(
                    model, _ => mode == SearchMode.Auto, block => rest.Join(block, cancellationToken), cancellationToken);
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

    /// <summary>Searches the index, wider and wider. Returns the contents that may have more neighbours than it found.</summary>
    private async Task<EmbeddingMatrix> SearchIndexAsync(
        NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        var contents = found.Contents;
        IReadOnlyCollection<long> open = contents.ContentIds.ToArray();
        var hits = new HashSet<(long ContentId, long NeighbourId, double Similarity)>();
        for (var count = options.Value.IndexNeighbours; open.Count > 0 && count <= MaxIndexNeighbours; count = Widen(count))
        {
            var last = open.ToDictionary(id => id, _ => (Rows: 0, Lowest: double.PositiveInfinity));
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await EmbeddingReader.SearchIndexAsync(
                connection, model.HeadId, model.EmbeddingDim, open, count,
                count == options.Value.IndexNeighbours ? options.Value.IndexCandidates : Math.Max(count, options.Value.IndexCandidates),
                (contentId, neighbourId, embedding) =>
                {
                    var similarity = Similarity.Exact(contents.Row(found.Row(contentId)), embedding);
                    last[contentId] = (last[contentId].Rows + 1, Math.Min(last[contentId].Lowest, similarity));
                    if (contentId != neighbourId && similarity >= model.Threshold)
                    {
                        hits.Add((contentId, neighbourId, similarity));
                    }
                },
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            open = [.. open.Where(id => last[id].Rows < count || last[id].Lowest >= model.Threshold - IndexMargin)];
        }

        // The index has every embedding of the head, also of contents that are not live.
        var neighbourIds = hits.Select(h => h.NeighbourId).ToHashSet();
        var members = (await GroupStore.ReadMembersAsync(connection, model.ModelId, neighbourIds, cancellationToken))
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

    private async Task StreamAsync(
        NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        metrics.Joined(found.Contents.Count);
        await StreamedSearch.JoinAsync(connection, model, found, cancellationToken);
    }

    private static int Widen(int count) => count < MaxIndexNeighbours ? Math.Min(4 * count, MaxIndexNeighbours) : count + 1;
}
