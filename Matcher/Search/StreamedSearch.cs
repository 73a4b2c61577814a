using CpfPipeline.Data;
using CpfPipeline.Matching;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>Finds neighbours without index and without memory of its own: joins exactly with all members, streamed on the caller's connection.</summary>
internal static class StreamedSearch
{
    /// <summary>Searches; sees what the caller's transaction has written.</summary>
    public static async Task<SearchResult> RunAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyCollection<long> contentIds, int pairsKept, int maxThreads, CancellationToken cancellationToken)
    {
        var asOf = await GroupStore.LastSeqAsync(connection, cancellationToken);
        var (contents, found) = await BeginAsync(connection, model, contentIds, pairsKept, maxThreads, cancellationToken);
        await JoinAsync(connection, model, contents, found, maxThreads, cancellationToken);
        await MatchStore.AddAsync(connection, model.HeadId, found.Pairs(), cancellationToken);
        return new SearchResult { AsOfSeq = asOf, Searched = contents, Edges = found.Edges, Verdicts = found.Verdicts };
    }

    /// <summary>Reads the contents searched for, and finds the edges among them.</summary>
    public static async Task<(EmbeddingMatrix Contents, FoundNeighbours Found)> BeginAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyCollection<long> contentIds, int pairsKept, int maxThreads, CancellationToken cancellationToken)
    {
        var contents = new EmbeddingMatrix(model.EmbeddingDim, contentIds.Count);
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, contentIds, (id, _, embedding) => contents.Add(id, embedding), cancellationToken);
        var verdicts = new VerdictSet(await GroupStore.ReadVerdictsTouchingAsync(connection, contentIds, cancellationToken));
        var found = new FoundNeighbours(contents, verdicts, pairsKept, model.Threshold);
        PairJoin.SelfJoin(contents, model.Threshold, (left, right, similarity) => found.AddOwn(left, right, similarity), maxThreads, cancellationToken);
        return (contents, found);
    }

    /// <summary>Finds the edges to all members.</summary>
    public static async Task JoinAsync(
        NpgsqlConnection connection, ServingModel model, EmbeddingMatrix contents, FoundNeighbours found, int maxThreads, CancellationToken cancellationToken)
    {
        if (contents.Count == 0)
        {
            return;
        }

        var join = new BlockJoin(contents, model.Threshold, null, maxThreads);
        await MemberStream.ReadAsync(
            connection, model,
            (block, _) => join.Accept(
                block, (left, right, similarity) => found.Add(found.Row(contents.ContentId(left)), block.ContentId(right), similarity), cancellationToken),
            cancellationToken);
    }
}
