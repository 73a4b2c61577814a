using System.Globalization;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Nights.Drift;

/// <summary>
/// Compares the similarities of new contents to their nearest with those of the contents the active model was measured on: when they differ, the feed shows something
/// else than before and the threshold may not suit it. Exact, from the stored embeddings: about a second and 50 MB for 100,000 contents of 256 values.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class DriftCheck(NpgsqlDataSource dataSource)
{
    // By content id, a hash: as good as drawn.
    private const int MostContents = 2_000;
    private const int RowsATime = 8_192;

    /// <summary>How long a content is new. Default a day.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    /// <returns>Null when no model is active.</returns>
    public async Task<DriftFinding?> RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (await ReadActiveAsync(connection, cancellationToken) is not { } active)
        {
            return null;
        }

        if (NeighbourHistogram.FromReport(active.Report) is not { } reference)
        {
            return new DriftFinding(active.ModelId, 0, null, false, "The active model's report has no similarities to compare with: the next night's will.");
        }

        var ids = await ReadNewAsync(connection, active.ModelId, cancellationToken);
        var observed = await MeasureAsync(connection, active, ids, cancellationToken);
        return Find(active.ModelId, ids.Count, PopulationStability.Index(reference.Counts, observed.Counts));
    }

    private static DriftFinding Find(long modelId, int contents, double? index) => index is not { } value
        ? new DriftFinding(modelId, contents, null, false, Text($"{contents} new contents, or the contents the model was measured on, are too few to compare: {PopulationStability.LeastContents} are needed."))
        : new DriftFinding(
            modelId, contents, value, value >= PopulationStability.AlarmLevel,
            Text($"Similarities of {contents} new contents to their nearest: stability index {value:0.000}, alarm from {PopulationStability.AlarmLevel}."));

    private async Task<NeighbourHistogram> MeasureAsync(NpgsqlConnection connection, Active active, List<long> ids, CancellationToken cancellationToken)
    {
        var queries = new EmbeddingMatrix(active.EmbeddingDim, ids.Count);
        await EmbeddingReader.ReadAsync(connection, active.HeadId, active.EmbeddingDim, ids, (id, _, row) => queries.Add(id, row), cancellationToken);
        var (nearest, block, gallery) = (NearestSimilarities.Of(queries), new EmbeddingMatrix(active.EmbeddingDim, RowsATime), 0);
        await EmbeddingReader.StreamMembersAsync(
            connection, active.HeadId, active.ModelId, active.EmbeddingDim,
            (id, _, row) =>
            {
                block.Add(id, row);
                gallery++;
                if (block.Count == RowsATime)
                {
                    nearest.Accept(block, cancellationToken);
                    block.Clear();
                }
            },
            cancellationToken);
        nearest.Accept(block, cancellationToken);
        return NeighbourHistogram.Of(nearest.Values(), gallery);
    }

    private static async Task<Active?> ReadActiveAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select m.model_id, m.head_id, h.embedding_dim, m.report::text
            from cpf.models m
            join cpf.heads  h using (head_id)
            where m.state = 'active'
            """)
            .FirstOrDefaultAsync(row => new Active(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetString(3)), cancellationToken);
    }

    private async Task<List<long>> ReadNewAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            select c.content_id
            from cpf.contents      c
            join cpf.group_members g using (content_id)
            where g.model_id = $1 and c.created_at > now() - $2
            order by c.content_id
            limit $3
            """, [modelId, Window, MostContents]).QueryAsync(row => row.GetInt64(0), cancellationToken);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Active(long ModelId, long HeadId, int EmbeddingDim, string Report);
}
