using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Nights.Drift;

/// <summary>Reads what the search for drift compares.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class DriftStore(NpgsqlDataSource dataSource)
{
    private const int RowsPerBlock = 8_192;

    /// <summary>The active model, or null.</summary>
    public Task<DriftReference?> FindActiveAsync(CancellationToken cancellationToken) => dataSource.Sql(
        """
        select m.model_id, m.head_id, h.embedding_dim, m.report::text
        from cpf.models m
        join cpf.heads  h using (head_id)
        where m.state = 'active'
        """)
        .FirstOrDefaultAsync(row =>
            new DriftReference(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetString(3)), cancellationToken);

    /// <summary>
    /// Contents that are matched under a model and were first seen within a time; in the order of their ids, which are hashes.
    /// </summary>
    public Task<List<long>> ReadNewAsync(long modelId, TimeSpan window, int maxContents, CancellationToken cancellationToken) =>
        dataSource.Sql(
        """
        select c.content_id
        from cpf.contents      c
        join cpf.group_members g using (content_id)
        where g.model_id = $1 and c.created_at > now() - $2
        order by c.content_id
        limit $3
        """, [modelId, window, maxContents])
        .QueryAsync(row => row.GetInt64(0), cancellationToken);

    /// <summary>The embeddings of some contents under a model's head.</summary>
    public async Task<EmbeddingMatrix> ReadEmbeddingsAsync(DriftReference model, List<long> ids, CancellationToken cancellationToken)
    {
        var embeddings = new EmbeddingMatrix(model.EmbeddingDim, ids.Count);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, ids, (id, _, row) => embeddings.Add(id, row), cancellationToken);
        return embeddings;
    }

    /// <summary>The embeddings of everything that is matched under a model, block by block.</summary>
    /// <param name="model">The model.</param>
    /// <param name="take">Receives each block, which is refilled afterwards.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many contents there were.</returns>
    public async Task<int> StreamMembersAsync(DriftReference model, Action<EmbeddingMatrix> take, CancellationToken cancellationToken)
    {
        var (block, count) = (new EmbeddingMatrix(model.EmbeddingDim, RowsPerBlock), 0);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await EmbeddingReader.StreamMembersAsync(
            connection, model.HeadId, model.ModelId, model.EmbeddingDim,
            (id, _, row) =>
            {
                block.Add(id, row);
                count++;
                if (block.Count == RowsPerBlock)
                {
                    take(block);
                    block.Clear();
                }
            },
            cancellationToken);
        take(block);
        return count;
    }
}
