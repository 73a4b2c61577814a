using Npgsql;

namespace CpfPipeline.Nights.Runs;

/// <summary>All models there were.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelListStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        select h.model_id, h.state, h.threshold, h.head_id, h.parent_model_id, h.kind, h.f1, h.f1_low, h.f1_high, h.opis, h.created_at, h.activated_at, h.retired_at,
               to_regclass('cpf.embeddings_h' || h.head_id) is not null, h.reason
        from cpf.model_history h
        """;

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<ModelSummary>> ReadAllAsync(CancellationToken cancellationToken) => ReadAsync(Select + " order by h.model_id desc", null, cancellationToken);

    /// <summary>The model, or null.</summary>
    public async Task<ModelSummary?> FindAsync(long modelId, CancellationToken cancellationToken) =>
        (await ReadAsync(Select + " where h.model_id = $1", modelId, cancellationToken)).SingleOrDefault();

    /// <summary>The model that was active before the one that is, or null.</summary>
    public async Task<ModelSummary?> FindPreviousAsync(CancellationToken cancellationToken) =>
        (await ReadAsync(Select + " where h.state = 'retired' order by h.retired_at desc, h.model_id desc limit 1", null, cancellationToken)).SingleOrDefault();

    private async Task<IReadOnlyList<ModelSummary>> ReadAsync(string sql, long? modelId, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var command = dataSource.CreateCommand(sql);
#pragma warning restore CA2100
        if (modelId is { } id)
        {
            command.Parameters.Add(new() { Value = id });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var models = new List<ModelSummary>();
        while (await reader.ReadAsync(cancellationToken))
        {
            models.Add(new ModelSummary(
                reader.GetInt64(0), reader.GetString(1), reader.GetDouble(2), reader.GetInt64(3), Value<long>(4), reader.GetString(5), Value<double>(6), Value<double>(7),
                Value<double>(8), Value<double>(9), reader.GetFieldValue<DateTimeOffset>(10), Value<DateTimeOffset>(11), Value<DateTimeOffset>(12), reader.GetBoolean(13),
                await reader.IsDBNullAsync(14, cancellationToken) ? null : reader.GetString(14)));
        }

        return models;

        T? Value<T>(int column)
            where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
    }
}
