using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Nights.Handover;

/// <summary>Which models stay ready to serve, and what goes of the others.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelRetention(NpgsqlDataSource dataSource)
{
    // The parameter is the number of retired models that stay ready. The last model that was to be activated is kept even when that was
    // cancelled or failed: with another backbone it is hours of work, and somebody will try again. A candidate that belongs to no run was
    // left by a crash.
    private const string Ready = """
        with ready as (
            select model_id, head_id from cpf.models where state in ('active', 'shadow')
            union all
            select m.model_id, m.head_id from cpf.models m
            where m.state = 'candidate'
              and (m.created_at > now() - interval '1 day' or exists (
                  select from cpf.training_runs r where r.model_id = m.model_id and r.state in ('queued', 'running')))
            union all
            select m.model_id, m.head_id from cpf.models m
            where m.model_id = (select r.model_id from cpf.training_runs r where r.kind = 'activation' order by r.created_at desc limit 1)
            union all
            (select model_id, head_id from cpf.models where state = 'retired' order by retired_at desc limit $1)
        )

        """;

    private const string UnusedModels = Ready + """
        select model_id from cpf.models where model_id not in (select model_id from ready) order by 1
        """;

    private const string UnusedHeads = Ready + """
        select head_id from cpf.heads
        where head_id not in (select head_id from ready) and to_regclass('cpf.embeddings_h' || head_id) is not null
        order by 1
        """;

    private const string UnusedBackbones = Ready + """
        select backbone_id from cpf.backbones
        where backbone_id not in (select h.backbone_id from ready r join cpf.heads h using (head_id))
          and to_regclass('cpf.features_b' || backbone_id) is not null
        order by 1
        """;

    /// <summary>
    /// Drops the embeddings of heads, the features of backbones and the groups of models that are neither active nor shadow nor candidate
    /// nor among the last that were active, nor the last that was to become so. Their models stay in the history and can be activated
    /// again, from features where their backbone is still used, else from the pictures.
    /// </summary>
    /// <param name="kept">How many retired models stay ready.</param>
    /// <param name="cancellationToken">Cancels; what is dropped stays dropped.</param>
    /// <returns>The heads whose embeddings, and the backbones whose features were dropped.</returns>
    /// <remarks>
    /// Only the owner of a partition can detach it without a lock, and only outside of a transaction. No service is the owner. So this
    /// waits for the lock for half a second at a time, and nobody queues behind it for longer. What could not be dropped is dropped the
    /// next time.
    /// </remarks>
    public async Task<(IReadOnlyList<long> Heads, IReadOnlyList<long> Backbones)> DropUnusedAsync(
        int kept, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        foreach (var model in await FindAsync(connection, UnusedModels, kept, cancellationToken))
        {
            await ModelGroups.DeleteAsync(connection, model, [ModelState.Retired, ModelState.Refused], cancellationToken);
        }

        var heads = new List<long>();
        foreach (var head in await FindAsync(connection, UnusedHeads, kept, cancellationToken))
        {
            // The matches go first and by themselves. They take time, and a head without embeddings would not be found again.
            await ExecuteAsync(connection, "delete from cpf.matches where head_id = $1", head, cancellationToken);
            if (await TryDropAsync(connection, "select cpf.drop_embedding_partition($1)", head, cancellationToken))
            {
                heads.Add(head);
            }
        }

        var backbones = new List<long>();
        foreach (var backbone in await FindAsync(connection, UnusedBackbones, kept, cancellationToken))
        {
            if (await TryDropAsync(connection, "select cpf.drop_feature_partition($1)", backbone, cancellationToken))
            {
                backbones.Add(backbone);
            }
        }

        return (heads, backbones);
    }

    private static async Task<long[]> FindAsync(NpgsqlConnection connection, string sql, int kept, CancellationToken cancellationToken)
    {
        return [.. await connection.Sql(sql, [kept]).QueryAsync(row => row.GetInt64(0), cancellationToken)];
    }

    private static async Task<bool> TryDropAsync(NpgsqlConnection connection, string sql, long id, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.Sql("set local lock_timeout = '500ms'").ExecuteAsync(cancellationToken);

            await ExecuteAsync(connection, sql, id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            await transaction.RollbackAsync(cancellationToken);
            return false;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, long id, CancellationToken cancellationToken)
    {
        await connection.Sql(sql, [id]).WithoutTimeout().ExecuteAsync(cancellationToken);
    }
}
