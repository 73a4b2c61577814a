using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>Runs of the Trainer, as pages show them.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ShownRunStore(NpgsqlDataSource dataSource)
{
    private const string Select = """
        select r.run_id, r.kind, r.trigger, r.state, r.step, r.progress, r.message, r.model_id, r.created_at, r.started_at, r.finished_at
        from cpf.training_runs r

        """;

    /// <summary>The run that is going on, or null.</summary>
    public Task<ShownRun?> FindGoingOnAsync(CancellationToken cancellationToken) =>
        FindAsync("where r.state in ('queued', 'running')", [], cancellationToken);

    /// <summary>The run that was asked for with a key, or null.</summary>
    public Task<ShownRun?> FindByKeyAsync(Guid key, CancellationToken cancellationToken) =>
        FindAsync("where r.idempotency_key = $1", [$"{key}"], cancellationToken);

    /// <summary>The newest runs first.</summary>
    public async Task<IReadOnlyList<ShownRun>> ReadLastAsync(int limit, CancellationToken cancellationToken) =>
        await dataSource.Sql(Select + "order by r.created_at desc, r.run_id limit $1", [limit]).QueryAsync(Read, cancellationToken);

    private Task<ShownRun?> FindAsync(string where, object[] values, CancellationToken cancellationToken) =>
        dataSource.Sql(Select + where, values).FirstOrDefaultAsync(Read, cancellationToken);

    private static ShownRun Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFloat(5), row.GetStringOrNull(6),
        row.GetOrNull<long>(7), row.GetFieldValue<DateTimeOffset>(8), row.GetOrNull<DateTimeOffset>(9),
        row.GetOrNull<DateTimeOffset>(10));
}
