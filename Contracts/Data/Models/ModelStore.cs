using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Models;

/// <summary>Backbones, heads and models.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        select m.model_id, m.head_id, h.backbone_id, m.threshold, m.state, b.feature_dim, h.embedding_dim, b.sha256, h.sha256
        from cpf.models m
        join cpf.heads     h using (head_id)
        join cpf.backbones b using (backbone_id)

        """;

    private const string SelectServing = Select + """
        where m.state in ('active', 'shadow')
        order by m.model_id
        """;

    /// <summary>The models that are active or shadow, by id.</summary>
    public async Task<IReadOnlyList<ServingModel>> GetServingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadServingAsync(connection, SelectServing, cancellationToken);
    }

    /// <summary>The active model, or null before the first is registered.</summary>
    public async Task<ServingModel?> GetActiveAsync(CancellationToken cancellationToken) =>
        (await GetServingAsync(cancellationToken)).SingleOrDefault(m => m.State == ModelState.Active);

    /// <summary>The model that was active before the one that is, or null.</summary>
    public Task<long?> FindPreviousAsync(CancellationToken cancellationToken) =>
        dataSource.Sql(
            "select model_id from cpf.models where state = $1 order by retired_at desc, model_id desc limit 1", [ModelState.Retired])
            .ScalarAsync<long?>(cancellationToken);

    /// <summary>As <see cref="GetActiveAsync"/>, on the caller's connection.</summary>
    public static async Task<ServingModel?> ReadActiveAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (await ReadServingAsync(connection, SelectServing, cancellationToken)).SingleOrDefault(m => m.State == ModelState.Active);

    /// <summary>A model in any state, or null.</summary>
    public async Task<ServingModel?> FindAsync(long modelId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await ReadServingAsync(connection, Select + "where m.model_id = $1", cancellationToken, modelId)).SingleOrDefault();
    }

    /// <summary>The model that was the first on a backbone: what there was before any learned of the catalogue. Null: none.</summary>
    public async Task<ServingModel?> FindFirstOnAsync(long backboneId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await ReadServingAsync(
            connection, Select + "where h.backbone_id = $1 order by m.model_id limit 1", cancellationToken, backboneId)).SingleOrDefault();
    }

    /// <summary>
    /// As <see cref="GetServingAsync"/>, holding the model rows <c>for share</c> until the caller's transaction ends, so that no transition
    /// happens before.
    /// </summary>
    public static Task<IReadOnlyList<ServingModel>> LockServingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadServingAsync(connection, SelectServing + "\nfor share of m", cancellationToken);

    /// <summary>
    /// Registers a backbone, head and model (each found again by its hash), makes their partitions and makes the model the active one.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="messages">Given the model and head ids, what to publish with the change.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The outbox rows to dispatch.</returns>
    public Task<IReadOnlyList<OutboxMessage>> RegisterActiveAsync(
        NewModel model, Func<long, long, IReadOnlyCollection<object>> messages, CancellationToken cancellationToken) =>
        RegisterActiveAsync(model, _ => true, (_, modelId, headId, _) => Task.FromResult(messages(modelId, headId)), cancellationToken);

    /// <summary>As the other overload, but only if the model is still wanted once the lock is held.</summary>
    /// <param name="model">The model.</param>
    /// <param name="wanted">Called under the lock with the active model or null. False changes nothing.</param>
    /// <param name="messages">Given the transaction's connection and the model and head ids, what to publish with the change.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The outbox rows to dispatch; none when it was not wanted.</returns>
    public async Task<IReadOnlyList<OutboxMessage>> RegisterActiveAsync(
        NewModel model, Func<ServingModel?, bool> wanted,
        Func<NpgsqlConnection, long, long, CancellationToken, Task<IReadOnlyCollection<object>>> messages,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeModelsAsync(connection, cancellationToken);
        await connection.Sql("select model_id from cpf.models order by model_id for update").ExecuteAsync(cancellationToken);

        var serving = await ReadServingAsync(connection, SelectServing, cancellationToken);
        if (!wanted(serving.SingleOrDefault(m => m.State == ModelState.Active)))
        {
            return [];
        }

        var backboneId = await InsertBackboneAsync(connection, model, cancellationToken);
        var headId = await InsertHeadAsync(connection, backboneId, model.HeadSha256, model.EmbeddingDim, cancellationToken);
        var parent = await connection.Sql(
            """
            with retired as (
                update cpf.models set state = 'retired', retired_at = now() where state = 'active' returning model_id
            )
            select max(model_id) from retired
            """).ScalarAsync<long?>(cancellationToken);
        var modelId = await connection.Sql(
            """
            insert into cpf.models (head_id, threshold, state, report, parent_model_id, activated_at)
            values ($1, $2, 'active', $3, $4, now())
            returning model_id
            """, [
                headId, model.Threshold, new NpgsqlParameter { Value = model.ReportJson, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter { Value = (object?)parent ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint }
            ])
            .ScalarAsync<long>(cancellationToken);
        await MakePartitionsAsync(connection, backboneId, headId, cancellationToken);
        var outbox = await OutboxStore.AppendAsync(
            connection, await messages(connection, modelId, headId, cancellationToken), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outbox;
    }

    /// <summary>
    /// Registers a backbone and head (each found again by its hash) with their partitions, and a candidate on them, which takes no part in
    /// anything yet.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="parentModelId">The model that it is meant to replace.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The candidate. A repeated call returns the same one while it is still a candidate.</returns>
    public async Task<long> RegisterCandidateAsync(NewModel model, long parentModelId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeModelsAsync(connection, cancellationToken);
        var backboneId = await InsertBackboneAsync(connection, model, cancellationToken);
        var headId = await InsertHeadAsync(connection, backboneId, model.HeadSha256, model.EmbeddingDim, cancellationToken);
        var modelId = await connection.Sql(
            """
            select model_id from cpf.models where head_id = $1 and threshold = $2 and parent_model_id = $3 and state = 'candidate' limit 1
            """,
            [headId, model.Threshold, parentModelId]).ScalarAsync<long?>(cancellationToken)
            ?? await InsertCandidateAsync(connection, headId, model.Threshold, model.ReportJson, parentModelId, null, cancellationToken);
        if (model.IsImported)
        {
            await connection.Sql("update cpf.models set is_imported = true where model_id = $1", [modelId]).ExecuteAsync(cancellationToken);
        }

        await MakePartitionsAsync(connection, backboneId, headId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return modelId;
    }

    /// <summary>The model with these files, threshold and report, preferably the active one. Null when there is none.</summary>
    public async Task<long?> FindSameAsync(NewModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            """
            select m.model_id
            from cpf.models m
            join cpf.heads     h using (head_id)
            join cpf.backbones b using (backbone_id)
            where b.sha256 = $1 and h.sha256 = $2 and m.threshold = $3
              and m.report || jsonb_build_object('threshold', m.threshold) = $4 || jsonb_build_object('threshold', m.threshold)
            order by m.state = 'active' desc, m.model_id desc
            limit 1
            """, [
                model.BackboneSha256, model.HeadSha256, model.Threshold,
                new NpgsqlParameter { Value = model.ReportJson, NpgsqlDbType = NpgsqlDbType.Jsonb },
            ])
            .ScalarAsync<long?>(cancellationToken);
    }

    /// <summary>The report of a model, with its threshold. Null when there is no such model.</summary>
    public async Task<string?> ReadReportAsync(long modelId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.Sql(
            "select (report || jsonb_build_object('threshold', threshold))::text from cpf.models where model_id = $1", [modelId])
            .ScalarAsync<string?>(cancellationToken);
    }

    /// <summary>Adds a candidate on a head.</summary>
    internal static Task<long> InsertCandidateAsync(
        NpgsqlConnection connection, long headId, double threshold, string reportJson, long parentModelId, Guid? runId,
        CancellationToken cancellationToken) =>
        connection.Sql(
            """
            insert into cpf.models (head_id, threshold, state, report, parent_model_id, run_id)
            values ($1, $2, 'candidate', $3, $4, $5)
            returning model_id
            """, [
                headId, threshold, new NpgsqlParameter { Value = reportJson, NpgsqlDbType = NpgsqlDbType.Jsonb }, parentModelId,
                new NpgsqlParameter { Value = (object?)runId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid }
            ])
            .ScalarAsync<long>(cancellationToken);

    /// <summary>Adds a head on a backbone, or finds it again by its hash.</summary>
    internal static async Task<long> InsertHeadAsync(
        NpgsqlConnection connection, long backboneId, byte[] sha256, int embeddingDim, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            insert into cpf.heads (backbone_id, sha256, embedding_dim, blob_key)
            values ($1, $2, $3, $4)
            on conflict (backbone_id, sha256) do update set blob_key = excluded.blob_key
            returning head_id
            """, [backboneId, sha256, embeddingDim, Convert.ToHexStringLower(sha256)]).ScalarAsync<long>(cancellationToken);
    }

    private static async Task MakePartitionsAsync(
        NpgsqlConnection connection, long backboneId, long headId, CancellationToken cancellationToken)
    {
        await connection.Sql("select cpf.create_feature_partition($1), cpf.create_embedding_partition($2)", [backboneId, headId])
            .ExecuteAsync(cancellationToken);
    }

    private static async Task<long> InsertBackboneAsync(NpgsqlConnection connection, NewModel model, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            """
            insert into cpf.backbones (sha256, feature_dim, input_spec, blob_key)
            values ($1, $2, $3, $4)
            on conflict (sha256) do update set blob_key = excluded.blob_key
            returning backbone_id
            """, [
                model.BackboneSha256, model.FeatureDim,
                new NpgsqlParameter { Value = model.InputSpecJson, NpgsqlDbType = NpgsqlDbType.Jsonb },
                Convert.ToHexStringLower(model.BackboneSha256)
            ])
            .ScalarAsync<long>(cancellationToken);
    }

    private static async Task<IReadOnlyList<ServingModel>> ReadServingAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, long? id = null) =>
        await connection.Sql(sql, id is null ? null : [id]).QueryAsync(
            row => new ServingModel(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetDouble(3), row.GetString(4),
                row.GetInt32(5), row.GetInt32(6), row.GetFieldValue<byte[]>(7), row.GetFieldValue<byte[]>(8)), cancellationToken);
}
