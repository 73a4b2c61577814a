using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>Finds neighbours without index or gallery: joins exactly with all members, streamed on the caller's connection.</summary>
internal static class StreamedSearch
{
    /// <summary>Searches; sees what the caller's transaction has written.</summary>
    public static async Task<SearchResult> RunAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyCollection<long> contentIds, MatcherOptions options, int maxThreads,
        CancellationToken cancellationToken)
    {
        var asOf = await GroupStore.LastSeqAsync(connection, cancellationToken);
        var found = await BeginAsync(connection, model, contentIds, options, maxThreads, cancellationToken);
        await JoinAsync(connection, model, found, cancellationToken);
        await MatchStore.AddAsync(connection, model.HeadId, found.Pairs(), cancellationToken);
        return SearchResult.Of(found, asOf, isExact: true);
    }

    /// <summary>
    /// Compares members with each other. A content that comes in during the search is not missed: its own search compares it with them.
    /// </summary>
    public static async Task<SearchResult> AmongAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyCollection<long> memberIds, MatcherOptions options,
        CancellationToken cancellationToken)
    {
        var found = await BeginAsync(connection, model, memberIds, options, maxThreads: 0, cancellationToken);
        return SearchResult.Of(found, long.MaxValue, isAmongMembers: true);
    }

    /// <summary>Reads the contents searched for, and finds the edges among them.</summary>
    public static async Task<FoundNeighbours> BeginAsync(
        NpgsqlConnection connection, ServingModel model, IReadOnlyCollection<long> contentIds, MatcherOptions options, int maxThreads,
        CancellationToken cancellationToken)
    {
        var contents = new EmbeddingMatrix(model.EmbeddingDim, contentIds.Count);
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, contentIds, (id, _, embedding) => contents.Add(id, embedding), cancellationToken);
        var verdicts = new VerdictSet(await VerdictStore.ReadTouchingAsync(connection, contentIds, cancellationToken));
        var found = new FoundNeighbours(contents, verdicts, options, model.Threshold, maxThreads);
        found.Join(contents, cancellationToken);
        return found;
    }

    /// <summary>Finds the edges to all members.</summary>
    public static async Task JoinAsync(
        NpgsqlConnection connection, ServingModel model, FoundNeighbours found, CancellationToken cancellationToken)
    {
        if (found.Contents.Count > 0)
        {
            await MemberStream.ReadAsync(connection, model, (block, _) => found.Join(block, cancellationToken), cancellationToken);
        }
    }
}
