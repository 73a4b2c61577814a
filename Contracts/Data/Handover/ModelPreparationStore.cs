using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Handover;

/// <summary>
/// The table <c>cpf.model_preparations</c>: the Trainer asks for the groups of a shadow and for its activation, the Matcher reports how far
/// it is.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelPreparationStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        select m.model_id, m.state, p.wanted, p.grouped_at, coalesce(p.progress, 0), coalesce(p.members, 0), p.message,
               coalesce(now() - p.updated_at, interval '0'), coalesce(p.failures, 0)
        from cpf.models m
        left join cpf.model_preparations p using (model_id)

        """;

    /// <summary>Asks for the groups of a shadow model. Does nothing when something is requested of it already.</summary>
    public Task AskGroupsAsync(long modelId, CancellationToken cancellationToken) => ExecuteAsync(
        """
        insert into cpf.model_preparations (model_id, wanted)
        select model_id, 'groups' from cpf.models where model_id = $1 and state = 'shadow'
        on conflict (model_id) do nothing
        """, modelId, cancellationToken);

    /// <summary>Asks for a shadow model to become the active one. Does nothing when it is no longer the shadow.</summary>
    public Task AskActivationAsync(long modelId, CancellationToken cancellationToken) => ExecuteAsync(
        """
        insert into cpf.model_preparations (model_id, wanted)
        select model_id, 'activation' from cpf.models where model_id = $1 and state = 'shadow'
        on conflict (model_id) do update set wanted = excluded.wanted, updated_at = now() where model_preparations.wanted <> excluded.wanted
        """, modelId, cancellationToken);

    /// <summary>The progress of a model, whether or not something is requested of it.</summary>
    public async Task<ModelPreparation> ReadAsync(long modelId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(Select + "where m.model_id = $1", [modelId]).FirstOrDefaultAsync(Read, cancellationToken)
            ?? throw new ArgumentException($"There is no model {modelId}.", nameof(modelId));
    }

    /// <summary>The progress of the shadow for which a request exists. Null when there is no request.</summary>
    public static async Task<ModelPreparation?> FindShadowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        return await connection.Sql(Select + "where m.state = 'shadow' and p.model_id is not null")
            .FirstOrDefaultAsync(Read, cancellationToken);
    }

    /// <summary>Reports how far the Matcher is.</summary>
    /// <returns>False when it is no longer requested.</returns>
    public static Task<bool> ReportAsync(
        NpgsqlConnection connection, long modelId, double progress, string message, CancellationToken cancellationToken) =>
        UpdateAsync(connection, "progress = $2, message = $3", modelId, (float)progress, message, cancellationToken);

    /// <summary>Reports that the model cannot be grouped, and counts it.</summary>
    /// <returns>False when it is no longer requested.</returns>
    public static Task<bool> ReportUnfitAsync(
        NpgsqlConnection connection, long modelId, double progress, string message, CancellationToken cancellationToken) =>
        UpdateAsync(
            connection, "progress = $2, message = $3, failures = p.failures + 1", modelId, (float)progress, message, cancellationToken);

    /// <summary>Reports that every live content has its group: since when, and the number of members.</summary>
    /// <returns>False when it is no longer requested.</returns>
    public static Task<bool> ReportGroupedAsync(
        NpgsqlConnection connection, long modelId, string message, CancellationToken cancellationToken) =>
        UpdateAsync(
            connection,
            """
            progress = $2, message = $3, failures = 0, grouped_at = coalesce(grouped_at, statement_timestamp()),
            members = (select count(*) from cpf.group_members where model_id = $1)
            """, modelId, 1, message, cancellationToken);

    /// <summary>
    /// Locks the request that a shadow become the active model, and keeps others from changing models, in the caller's transaction, which
    /// holds the group lock.
    /// </summary>
    /// <returns>The active model. Null when there is no such request, or the model is not the shadow.</returns>
    public static async Task<long?> LockActivationAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken)
    {
        // The lock of ModelTransitions comes first: the models' rows are held for share next, and for update at the end.
        await TransactionLocks.TakeModelsAsync(connection, cancellationToken);
        return await connection.Sql(
            """
            select a.model_id
            from cpf.model_preparations p
            join cpf.models m using (model_id)
            join cpf.models a on a.state = 'active'
            where p.model_id = $1 and p.wanted = 'activation' and m.state = 'shadow'
            for update of p
            """, [modelId]).ScalarAsync<long?>(cancellationToken);
    }

    private static ModelPreparation Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetStringOrNull(2), row.GetOrNull<DateTimeOffset>(3), row.GetFloat(4), row.GetInt64(5),
        row.GetStringOrNull(6), row.GetTimeSpan(7), row.GetInt32(8));

    private static async Task<bool> UpdateAsync(
        NpgsqlConnection connection, string assignments, long modelId, float progress, string message, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            $"""
            update cpf.model_preparations p
            set {assignments}, updated_at = statement_timestamp()
            from cpf.models m
            where p.model_id = $1 and m.model_id = $1 and m.state = 'shadow'
            """, [modelId, progress, message]).ExecuteAsync(cancellationToken) > 0;
    }

    private async Task ExecuteAsync(string sql, long modelId, CancellationToken cancellationToken)
    {
        await dataSource.Sql(sql, [modelId]).ExecuteAsync(cancellationToken);
    }
}
