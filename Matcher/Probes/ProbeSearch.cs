using System.Globalization;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matching.Embeddings;
using Npgsql;
using Pgvector;

namespace CpfPipeline.Matcher.Probes;

/// <summary>
/// Finds the members near an embedding that is not stored: by the head's vector index where there is one, else exactly. Similarities are
/// exact either way.
/// </summary>
internal static class ProbeSearch
{
    // The order of the rows is that of pgvector's float sums: a row behind the last one may be more similar by so much.
    private const double ApproximateMargin = 1e-4;

    /// <summary>All members at or above the threshold, and the nearest ones.</summary>
    /// <param name="connection">Connection with a running transaction: the search's settings are local to it.</param>
    /// <param name="model">The model.</param>
    /// <param name="embedding">Of the model's dimension.</param>
    /// <param name="nearest">How many of the nearest are wanted at least.</param>
    /// <param name="reach">How many embeddings may be looked at.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The nearest first; and whether there may be more at the threshold than were looked at.</returns>
    public static async Task<(IReadOnlyList<ProbeNeighbour> Nearest, bool IsCut)> FindAsync(
        NpgsqlConnection connection, ServingModel model, Half[] embedding, int nearest, ProbeReach reach,
        CancellationToken cancellationToken)
    {
        // Embeddings of contents that are not live take up places, and an index stops early: more are fetched until enough are found.
        for (var fetched = reach.First; ; fetched = Math.Min(reach.Max, 4 * fetched))
        {
            var rows = await ReadAsync(connection, model, embedding, fetched, cancellationToken);
            if (rows.Count < fetched && await EmbeddingIndexStore.ExistsAsync(connection, model.HeadId, cancellationToken))
            {
                // Fewer than asked for: either there are no more, or the scan of the index gave up. Without the index it is sure.
                await connection.Sql("set local enable_indexscan = off").ExecuteAsync(cancellationToken);
                rows = await ReadAsync(connection, model, embedding, fetched, cancellationToken);
                await connection.Sql("set local enable_indexscan = on").ExecuteAsync(cancellationToken);
            }

            var isEnd = rows.Count < fetched;
            var found = rows.Where(r => r.Neighbour is not null).Select(r => r.Neighbour!)
                .OrderByDescending(n => n.Similarity).ThenBy(n => n.ContentId).ToList();
            var reachesOn = rows.Count > 0 && rows.Min(r => r.Similarity) >= model.Threshold - ApproximateMargin;
            if (isEnd || fetched == reach.Max || (!reachesOn && found.Count >= nearest))
            {
                return (found, reachesOn && !isEnd);
            }
        }
    }

    private static async Task<List<(double Similarity, ProbeNeighbour? Neighbour)>> ReadAsync(
        NpgsqlConnection connection, ServingModel model, Half[] embedding, int count, CancellationToken cancellationToken)
    {
        await connection.Sql(
            "select set_config('hnsw.ef_search', $1, true), set_config('hnsw.iterative_scan', 'strict_order', true)",
            [Math.Min(1000, count).ToString(CultureInfo.InvariantCulture)]).ExecuteAsync(cancellationToken);

        // The planner recognises the index by the literal cast, and prunes to the head's partition only when the head is a constant.
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            select n.content_id, halfvec_send(n.embedding), m.group_id, m.component_id
            from (
                select e.content_id, e.embedding
                from cpf.embeddings e
                where e.head_id = {model.HeadId}
                order by (e.embedding::halfvec({model.EmbeddingDim})) <#> $1::halfvec({model.EmbeddingDim})
                limit {count}) as n
            left join cpf.group_members m on m.model_id = $2 and m.content_id = n.content_id
            """);
        var values = new Half[model.EmbeddingDim];
        return await connection.Sql(text, [new HalfVector(embedding), model.ModelId]).QueryAsync(
            row =>
            {
                HalfvecBinary.Read(row.GetFieldValue<byte[]>(1), values);
                var similarity = Similarity.Exact(embedding, values);
                return (similarity, row.IsDBNull(2)
                    ? null : new ProbeNeighbour(row.GetInt64(0), similarity, row.GetInt64(2), row.GetInt64(3)));
            }, cancellationToken);
    }
}
