using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Data.Models;

/// <summary>
/// The transitions of models after they are made: <c>candidate -> shadow -> active -> retired</c>, or <c>refused</c>. Every transition
/// locks the models' rows <c>for update</c>, in the order of their ids. Writers of embeddings or groups hold them <c>for share</c>.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelTransitions(NpgsqlDataSource dataSource)
{
    /// <summary>Registers a head on the backbone of another model, and a candidate on it; makes the partition of its embeddings.</summary>
    /// <param name="parentModelId">The model it was made from, whose backbone it shares.</param>
    /// <param name="headSha256">SHA-256 of the head's ONNX file, which is in the blob store.</param>
    /// <param name="embeddingDim">Length of an embedding.</param>
    /// <param name="threshold">tau, a similarity.</param>
    /// <param name="reportJson">What was measured, as JSON.</param>
    /// <param name="runId">The run that made it, which has one candidate. Null when no run made it.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The candidate.</returns>
    public async Task<long> RegisterHeadAsync(
        long parentModelId, byte[] headSha256, int embeddingDim, double threshold, string reportJson, Guid? runId,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var backboneId = await connection.Sql(
            "select h.backbone_id from cpf.models m join cpf.heads h using (head_id) where m.model_id = $1", [parentModelId])
            .ScalarAsync<long?>(cancellationToken)
            ?? throw new ArgumentException($"There is no model {parentModelId}.", nameof(parentModelId));
        var headId = await ModelStore.InsertHeadAsync(connection, backboneId, headSha256, embeddingDim, cancellationToken);
        await ExecuteAsync(connection, "select cpf.create_embedding_partition($1)", headId, cancellationToken);
        var modelId = await ModelStore.InsertCandidateAsync(
            connection, headId, threshold, reportJson, parentModelId, runId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return modelId;
    }

    /// <summary>Registers a candidate with another threshold on the head of a model.</summary>
    /// <param name="parentModelId">The model whose head it has.</param>
    /// <param name="threshold">tau, a similarity.</param>
    /// <param name="reportJson">What was measured, as JSON.</param>
    /// <param name="runId">The run that made it, which has one candidate. Null when no run made it.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The candidate.</returns>
    public async Task<long> RegisterThresholdAsync(
        long parentModelId, double threshold, string reportJson, Guid? runId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var headId = await connection.Sql("select head_id from cpf.models where model_id = $1", [parentModelId])
            .ScalarAsync<long?>(cancellationToken)
            ?? throw new ArgumentException($"There is no model {parentModelId}.", nameof(parentModelId));
        return await ModelStore.InsertCandidateAsync(connection, headId, threshold, reportJson, parentModelId, runId, cancellationToken);
    }

    /// <summary>
    /// Makes a candidate, refused or retired model the shadow. From the commit on, new contents are embedded under it as well. Does nothing
    /// when it is the shadow already.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is active, or another model is the shadow.</exception>
    public async Task BecomeShadowAsync(long modelId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(
            connection,
                """
                select cpf.create_feature_partition(h.backbone_id), cpf.create_embedding_partition(h.head_id) from cpf.models m
                    join cpf.heads h using (head_id) where m.model_id = $1
                """,
            modelId, cancellationToken);

        // Those of a step back that was interrupted: nobody has kept them up since.
        await ModelGroups.DeleteAsync(connection, modelId, [ModelState.Refused], cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockAsync(connection, cancellationToken);
        if (await connection.Sql(
            """
            update cpf.models set state = 'shadow'
            where model_id = $1 and state <> 'active' and not exists (select from cpf.models where state = 'shadow' and model_id <> $1)
            """, [modelId]).ExecuteAsync(cancellationToken) != 1)
        {
            throw new InvalidOperationException(
                $"Model {modelId} cannot become the shadow: it is not there, it is active, or another one is shadow.");
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Withdraws a candidate or shadow. A model that was active before becomes retired and keeps its groups for another try. Any other
    /// becomes refused and loses its groups.
    /// </summary>
    public async Task StepBackAsync(long modelId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
        await LockAsync(connection, cancellationToken);
        foreach (var sql in new[]
        {
            """
            update cpf.models set state = case when activated_at is null then 'refused' else 'retired' end where model_id = $1
                and state in ('candidate', 'shadow')
            """,
            "delete from cpf.model_preparations p using cpf.models m where p.model_id = $1 and m.model_id = $1 and m.state <> 'active'",
        })
        {
            await ExecuteAsync(connection, sql, modelId, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await ModelGroups.DeleteAsync(connection, modelId, [ModelState.Refused], cancellationToken);
    }

    /// <summary>
    /// The shadow becomes the active model and the active one retires, in the caller's transaction, which holds the group lock.
    /// </summary>
    /// <returns>The model that was active.</returns>
    /// <exception cref="InvalidOperationException">It is not the shadow.</exception>
    public static async Task<long> ActivateAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        await LockAsync(connection, cancellationToken);
        var previous = await connection.Sql(
            """
            update cpf.models set state = 'retired', retired_at = now()
            where state = 'active' and exists (select from cpf.models where model_id = $1 and state = 'shadow')
            returning model_id
            """, [modelId])
            .ScalarAsync<long?>(cancellationToken)
            ?? throw new InvalidOperationException($"Model {modelId} is not the shadow of an active model.");
        await ExecuteAsync(connection,
            """
            update cpf.models set state = 'active', activated_at = now(), retired_at = null where model_id = $1
            """, modelId, cancellationToken);
        await ExecuteAsync(connection, "delete from cpf.model_preparations where model_id = $1", modelId, cancellationToken);
        return previous;
    }

    private static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await TransactionLocks.TakeModelsAsync(connection, cancellationToken);
        await connection.Sql("select model_id from cpf.models order by model_id for no key update").ExecuteAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, long id, CancellationToken cancellationToken)
    {
        await connection.Sql(sql, [id]).WithoutTimeout().ExecuteAsync(cancellationToken);
    }
}
