using System.Globalization;
using System.Runtime.CompilerServices;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;
using Pgvector;

namespace CpfPipeline.Nights.Handover;

/// <summary>
/// Fills the embeddings of a head from stored features. As long as no model with the head serves, this is their only writer. Afterwards the
/// Embedder writes them too. Both may write at any time, because neither changes an embedding that exists.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class BackfillStore(NpgsqlDataSource dataSource)
{
    private const string Live =
        "c.state = 'stored' and exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')";

    // Where the partition has its vector index already, this stores a few hundred rows per second (measured: 350).
    private static readonly TimeSpan LoadPatience = TimeSpan.FromMinutes(10);

    /// <summary>Makes the partitions of a model's features and embeddings where they are missing.</summary>
    public async Task MakePartitionsAsync(long headId, CancellationToken cancellationToken)
    {
        await dataSource.Sql(
            "select cpf.create_feature_partition(backbone_id), cpf.create_embedding_partition(head_id) from cpf.heads where head_id = $1", [
                headId
            ])
            .WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    /// <summary>
    /// Live contents without an embedding under a head: those whose feature is stored, and those whose feature has to be computed first.
    /// The latter count only when they are embedded under the active head. Contents that have just arrived are left to the Embedder, which
    /// embeds them under all models that serve.
    /// </summary>
    public async Task<(long WithFeature, long WithoutFeature)> CountMissingAsync(
        long headId, long backboneId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(Numbers($"""
            select count(*) filter (where f.content_id is not null),
                   count(*) filter (where f.content_id is null and a.content_id is not null)
            from cpf.contents c
            left join cpf.features   f on f.backbone_id = {backboneId} and f.content_id = c.content_id
            left join cpf.embeddings a
                on a.head_id = (select head_id from cpf.models where state = 'active') and a.content_id = c.content_id
            where {Live} and not exists (select from cpf.embeddings e where e.head_id = {headId} and e.content_id = c.content_id)
            """)).WithoutTimeout().FirstAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);
    }

    /// <summary>Streams the stored features of live contents without an embedding under a head, by binary COPY.</summary>
    public async IAsyncEnumerable<FeatureChunk> StreamMissingAsync(
        long headId, long backboneId, int featureDim, int rowsPerChunk, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var sql = Numbers($"""
            copy (select f.content_id, f.feature
                  from cpf.contents c
                  join cpf.features f on f.backbone_id = {backboneId} and f.content_id = c.content_id
                  where {Live} and not exists (select from cpf.embeddings e where e.head_id = {headId} and e.content_id = c.content_id))
            to stdout (format binary)
            """);
        await using var rows = await HalfvecCopyReader.OpenAsync(connection, sql, ids: 1, featureDim, cancellationToken);
        var (ids, features, count) = (new long[rowsPerChunk], new Half[rowsPerChunk * featureDim], 0);
        while (await rows.ReadAsync(cancellationToken))
        {
            ids[count] = rows.Id(0);
            rows.Values.CopyTo(features.AsSpan(count * featureDim));
            if (++count == rowsPerChunk)
            {
                yield return new FeatureChunk(ids, features);
                (ids, features, count) = (new long[rowsPerChunk], new Half[rowsPerChunk * featureDim], 0);
            }
        }

        if (count > 0)
        {
            yield return new FeatureChunk(ids[..count], features[..(count * featureDim)]);
        }
    }

    /// <summary>
    /// Stores embeddings of those contents that are still <c>stored</c>, in one transaction. Locks what the Embedder locks, in its order:
    /// the serving models, then the contents by id. An earlier erasure removes the content from the rows. A later one finds the embedding.
    /// </summary>
    /// <param name="headId">The head.</param>
    /// <param name="rows">The embeddings, by any order of content.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>How many were stored.</returns>
    public async Task<int> StoreAsync(
        long headId, IReadOnlyCollection<(long ContentId, ReadOnlyMemory<Half> Embedding)> rows, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var served = (await ModelStore.LockServingAsync(connection, cancellationToken)).Any(m => m.HeadId == headId);
        var stored = await ContentLocks.ShareAsync(connection, [.. rows.Select(r => r.ContentId)], cancellationToken);
        var wanted = rows.Where(r => stored.Contains(r.ContentId)).OrderBy(r => r.ContentId).ToList();
        var count = served ? await MergeAsync(connection, headId, wanted, cancellationToken)
            : await LoadAsync(connection, headId, wanted, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return count;
    }

    /// <summary>Tells the planner how many embeddings a head has, after many were stored at once: what follows joins with them.</summary>
    public async Task AnalyzeAsync(long headId, CancellationToken cancellationToken)
    {
        await dataSource.Sql("select cpf.analyze_embeddings($1)", [headId]).WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    /// <summary>Live contents, embedded under the active head, that have neither a feature nor an embedding, ascending.</summary>
    public async Task<IReadOnlyList<long>> ReadWithoutFeatureAsync(long headId, long backboneId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(Numbers($"""
            select c.content_id
            from cpf.contents   c
            join cpf.embeddings a on a.head_id = (select head_id from cpf.models where state = 'active') and a.content_id = c.content_id
            where {Live}
              and not exists (select from cpf.features   f where f.backbone_id = {backboneId} and f.content_id = c.content_id)
              and not exists (select from cpf.embeddings e where e.head_id = {headId} and e.content_id = c.content_id)
            order by c.content_id
            """)).WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);
    }

    /// <summary>Contents that have an embedding under the active head, about as many as a new one will have.</summary>
    public async Task<long> CountLiveAsync(CancellationToken cancellationToken)
    {
        return await dataSource.Sql("select count(*) from cpf.contents c where " + Live)
            .WithoutTimeout().ScalarAsync<long>(cancellationToken);
    }

    /// <summary>Embeddings of a head.</summary>
    public async Task<long> CountEmbeddingsAsync(long headId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql("select count(*) from cpf.embeddings where head_id = $1", [headId])
            .WithoutTimeout().ScalarAsync<long>(cancellationToken);
    }

    private static async Task<int> LoadAsync(
        NpgsqlConnection connection, long headId, List<(long ContentId, ReadOnlyMemory<Half> Embedding)> rows,
        CancellationToken cancellationToken)
    {
        await using var importer = await connection.BeginBinaryImportAsync(
            "copy cpf.embeddings (content_id, embedding, head_id) from stdin (format binary)", cancellationToken);
        importer.Timeout = LoadPatience;
        foreach (var (contentId, embedding) in rows)
        {
            await importer.StartRowAsync(cancellationToken);
            await importer.WriteAsync(contentId, cancellationToken);
            await importer.WriteAsync(new HalfVector(embedding), cancellationToken);
            await importer.WriteAsync(headId, cancellationToken);
        }

        return (int)await importer.CompleteAsync(cancellationToken);
    }

    // COPY cannot resolve conflicts, and the Embedder may have been faster.
    private static async Task<int> MergeAsync(
        NpgsqlConnection connection, long headId, List<(long ContentId, ReadOnlyMemory<Half> Embedding)> rows,
        CancellationToken cancellationToken)
    {
        await connection.Sql("create temporary table backfill (content_id bigint, embedding halfvec) on commit drop")
            .ExecuteAsync(cancellationToken);

        await using (var importer = await connection.BeginBinaryImportAsync(
            "copy backfill (content_id, embedding) from stdin (format binary)", cancellationToken))
        {
            foreach (var (contentId, embedding) in rows)
            {
                await importer.StartRowAsync(cancellationToken);
                await importer.WriteAsync(contentId, cancellationToken);
                await importer.WriteAsync(new HalfVector(embedding), cancellationToken);
            }

            await importer.CompleteAsync(cancellationToken);
        }

        return await connection.Sql(
            """
            insert into cpf.embeddings (head_id, content_id, embedding)
            select $1, content_id, embedding from backfill order by content_id
            on conflict (head_id, content_id) do nothing
            """, [headId]).WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    // COPY takes no parameters, and constants let the planner prune to one partition. All of them are numbers.
    private static string Numbers(FormattableString sql) => sql.ToString(CultureInfo.InvariantCulture);
}
