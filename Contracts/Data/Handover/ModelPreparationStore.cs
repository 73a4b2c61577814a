using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Handover;

/// <summary>What the Trainer asks of the Matcher, through <c>cpf.model_preparations</c>.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelPreparationStore(NpgsqlDataSource dataSource)
{
    /// <summary>Asks for the groups of a shadow model; does nothing when something is asked of it already.</summary>
    public Task AskGroupsAsync(long modelId, CancellationToken cancellationToken) => ExecuteAsync(
        """
        insert into cpf.model_preparations (model_id, wanted)
        select model_id, 'groups' from cpf.models where model_id = $1 and state = 'shadow'
        on conflict (model_id) do nothing
        """, modelId, cancellationToken);

    /// <summary>Asks that a shadow model become the active one; does nothing when it is no shadow any more.</summary>
    public Task AskActivationAsync(long modelId, CancellationToken cancellationToken) => ExecuteAsync(
        """
        insert into cpf.model_preparations (model_id, wanted)
        select model_id, 'activation' from cpf.models where model_id = $1 and state = 'shadow'
        on conflict (model_id) do update set wanted = excluded.wanted, updated_at = now() where model_preparations.wanted <> excluded.wanted
        """, modelId, cancellationToken);

    /// <summary>How far it is.</summary>
    public async Task<ModelPreparation> ReadAsync(long modelId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select m.state, p.grouped_at is not null, coalesce(p.progress, 0), p.message, coalesce(now() - p.updated_at, interval '0')
            from cpf.models m
            left join cpf.model_preparations p using (model_id)
            where m.model_id = $1
            """);
        command.Parameters.Add(new() { Value = modelId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new ModelPreparation(
                reader.GetString(0), reader.GetBoolean(1), reader.GetFloat(2), await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetString(3), reader.GetTimeSpan(4))
            : throw new ArgumentException($"There is no model {modelId}.", nameof(modelId));
    }

    private async Task ExecuteAsync(string sql, long modelId, CancellationToken cancellationToken)
    {
        await dataSource.Sql(sql, [modelId]).ExecuteAsync(cancellationToken);
    }
}
