using System.Data;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Matcher.Giants;

/// <summary>A component as it was at one moment.</summary>
/// <param name="Members">Its members.</param>
/// <param name="Contents">Their embeddings. A member that has lost its embedding is missing here; it is about to leave.</param>
/// <param name="Verdicts">The verdicts between them.</param>
internal sealed record GiantSnapshot(IReadOnlyList<GroupMember> Members, EmbeddingMatrix Contents, VerdictSet Verdicts)
{
    /// <summary>Reads the next component with pending members after another one, in a circle. Null: nothing is pending.</summary>
    public static async Task<GiantSnapshot?> ReadAsync(
        NpgsqlDataSource dataSource, ServingModel model, long after, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await GroupStore.FindPendingComponentAsync(connection, model.ModelId, after, cancellationToken) is not { } componentId)
        {
            return null;
        }

        var members = await GroupStore.ReadComponentsAsync(connection, model.ModelId, [componentId], cancellationToken);
        var contents = new EmbeddingMatrix(model.EmbeddingDim, members.Count);
        await EmbeddingReader.ReadComponentsAsync(
            connection, model.HeadId, model.ModelId, model.EmbeddingDim, [componentId], (id, _, embedding) => contents.Add(id, embedding),
            cancellationToken);
        var verdicts = await VerdictStore.ReadBetweenAsync(connection, [.. members.Select(m => m.ContentId)], cancellationToken);
        return new GiantSnapshot(members, contents, new VerdictSet(verdicts));
    }
}
