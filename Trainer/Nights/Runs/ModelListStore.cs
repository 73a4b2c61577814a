using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Nights.Runs;

/// <summary>All models there were.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelListStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        select h.model_id, h.state, h.threshold, h.head_id, h.parent_model_id, h.kind, h.f1, h.f1_low, h.f1_high, h.opis,
               h.created_at, h.activated_at, h.retired_at, to_regclass('cpf.embeddings_h' || h.head_id) is not null, h.reason
        from cpf.model_history h
        """;

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<ModelSummary>> ReadAllAsync(CancellationToken cancellationToken) =>
        ReadAsync(Select + " order by h.model_id desc", null, cancellationToken);

    /// <summary>The model, or null.</summary>
    public async Task<ModelSummary?> FindAsync(long modelId, CancellationToken cancellationToken) =>
        (await ReadAsync(Select + " where h.model_id = $1", modelId, cancellationToken)).SingleOrDefault();

    private async Task<IReadOnlyList<ModelSummary>> ReadAsync(string sql, long? modelId, CancellationToken cancellationToken) =>
        await dataSource.Sql(sql, modelId is null ? null : [modelId]).QueryAsync(
            row => new ModelSummary(
                row.GetInt64(0), row.GetString(1), row.GetDouble(2), row.GetInt64(3), row.GetOrNull<long>(4), row.GetString(5),
                row.GetOrNull<double>(6), row.GetOrNull<double>(7), row.GetOrNull<double>(8), row.GetOrNull<double>(9),
                row.GetFieldValue<DateTimeOffset>(10), row.GetOrNull<DateTimeOffset>(11), row.GetOrNull<DateTimeOffset>(12),
                row.GetBoolean(13),
                row.GetStringOrNull(14)), cancellationToken);
}
