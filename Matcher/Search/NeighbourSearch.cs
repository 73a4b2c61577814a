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
        var contents = new EmbeddingMatrix(model.EmbeddingDim, contentIds.Count);
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, contentIds, (id, _, embedding) => contents.Add(id, embedding), cancellationToken);
        var verdicts = new VerdictSet(await GroupStore.ReadVerdictsTouchingAsync(connection, contentIds, cancellationToken));
        var found = new Found(contents, verdicts, options.Value.PairsKept, model.Threshold);
        PairJoin.SelfJoin(contents, model.Threshold, (left, right, similarity) => found.AddOwn(left, right, similarity), cancellationToken: cancellationToken);

        var asOf = await FindMembersAsync(connection, model, contents, found, cancellationToken);
        await MatchStore.AddAsync(connection, model.HeadId, found.Pairs(), cancellationToken);
        return new SearchResult { AsOfSeq = asOf, Searched = contents, Edges = found.Edges, Verdicts = verdicts };
    }

    private async Task<long> FindMembersAsync(
        NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, Found found, CancellationToken cancellationToken)
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
        NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, Found found, CancellationToken cancellationToken)
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

    private async Task StreamAsync(NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, Found found, CancellationToken cancellationToken)
    {
        if (contents.Count == 0)
        {
            return;
        }

        metrics.Joined(contents.Count);
        var join = new BlockJoin(contents, model.Threshold);
        await MemberStream.ReadAsync(
            connection, model,
            (block, _) => join.Accept(
                block, (left, right, similarity) => found.Add(found.Row(contents.ContentId(left)), block.ContentId(right), similarity), cancellationToken),
            cancellationToken);
    }

    private static int Widen(int count) => count < WidestIndexSearch ? Math.Min(4 * count, WidestIndexSearch) : count + 1;

    /// <summary>Edges and the pairs kept for explanation.</summary>
    private sealed class Found(EmbeddingMatrix contents, VerdictSet verdicts, int pairsKept, double threshold)
    {
        private readonly NearestNeighbours _nearest = new(contents.Count, pairsKept, threshold);
        private readonly Dictionary<long, int> _rows = Enumerable.Range(0, contents.Count).ToDictionary(contents.ContentId);

        public EdgeForest Edges { get; } = new();

        public void AddOwn(int left, int right, double similarity)
        {
            _nearest.Offer(right, contents.ContentId(left), similarity);
            Add(left, contents.ContentId(right), similarity);
        }

        public int Row(long contentId) => _rows[contentId];

        public void Add(int row, long neighbourId, double similarity)
        {
            var contentId = contents.ContentId(row);
            _nearest.Offer(row, neighbourId, similarity);
            if (!verdicts.AreDifferent(contentId, neighbourId))
            {
                Edges.Add(contentId, neighbourId);
            }
        }

        public HashSet<MatchRow> Pairs()
        {
            var pairs = new HashSet<MatchRow>();
            for (var row = 0; row < contents.Count; row++)
            {
                foreach (var neighbour in _nearest.Of(row))
                {
                    var contentId = contents.ContentId(row);
                    pairs.Add(new MatchRow(Math.Min(contentId, neighbour.ContentId), Math.Max(contentId, neighbour.ContentId), neighbour.Similarity));
                }
            }

            return pairs;
        }
    }
}
