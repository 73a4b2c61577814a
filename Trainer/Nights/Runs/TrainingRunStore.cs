using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Nights.Runs;

/// <summary>Runs of the Trainer as those see them who ask for one, look at one or end one. Who drives a run holds a <see cref="TrainingRunLease"/>.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class TrainingRunStore(NpgsqlDataSource dataSource)
{
    internal const string Columns = """
        select r.run_id, r.kind, r.trigger, r.idempotency_key, r.request::text, r.state, r.step, r.progress, r.message, r.cancel_requested, r.base_model_id, r.model_id,
               r.snapshot_id, r.data::text, r.report_html is not null, r.created_at, r.started_at, r.updated_at, r.finished_at
        from cpf.training_runs r
        """;

    /// <summary>Adds a run unless its key is known or another run is going on; in this order.</summary>
    public async Task<TrainingRunAdded> AddAsync(NewTrainingRun run, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var insert = dataSource.CreateCommand(
                """
                insert into cpf.training_runs (run_id, kind, trigger, idempotency_key, request, model_id)
                select $1, $2, $3, $4, $5, $6
                where $4 is null or not exists (select from cpf.training_runs where request -> 'also_asked' ? $4)
                on conflict do nothing
                """);
            insert.Parameters.Add(new() { Value = run.RunId });
            insert.Parameters.Add(new() { Value = run.Kind });
            insert.Parameters.Add(new() { Value = run.Trigger });
            insert.Parameters.Add(new() { Value = (object?)run.IdempotencyKey ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            insert.Parameters.Add(new() { Value = run.RequestJson, NpgsqlDbType = NpgsqlDbType.Jsonb });
            insert.Parameters.Add(new() { Value = (object?)run.ModelId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                return new TrainingRunAdded((await FindAsync(run.RunId, cancellationToken))!, TrainingRunAdded.Case.Added);
            }

            if (run.IdempotencyKey is { } key && await FindByKeyAsync(key, cancellationToken) is { } same)
            {
                return new TrainingRunAdded(same, TrainingRunAdded.Case.SameKey);
            }

            if (await FindUnfinishedAsync(cancellationToken) is { } other)
            {
                return new TrainingRunAdded(other, TrainingRunAdded.Case.GoingOn);
            }

            // What was in the way has ended meanwhile.
        }
    }

    /// <summary>The run, or null.</summary>
    public Task<TrainingRun?> FindAsync(Guid runId, CancellationToken cancellationToken) =>
        FindAsync("where r.run_id = $1", new NpgsqlParameter { Value = runId }, cancellationToken);

    /// <summary>The run that is queued or running, or null.</summary>
    public Task<TrainingRun?> FindUnfinishedAsync(CancellationToken cancellationToken) =>
        FindAsync("where r.state in ('queued', 'running')", null, cancellationToken);

    /// <summary>The run that was asked for with a key, or during which somebody asked with it; or null.</summary>
    public Task<TrainingRun?> FindByKeyAsync(string idempotencyKey, CancellationToken cancellationToken) => FindAsync(
        "where r.idempotency_key = $1 or r.request -> 'also_asked' ? $1 order by r.created_at limit 1", new NpgsqlParameter { Value = idempotencyKey }, cancellationToken);

    /// <summary>The newest run that was asked for in a way; null when there is none.</summary>
    public Task<TrainingRun?> FindLastByTriggerAsync(string trigger, CancellationToken cancellationToken) =>
        FindAsync("where r.trigger = $1 order by r.created_at desc limit 1", new NpgsqlParameter { Value = trigger }, cancellationToken);

    /// <summary>The newest runs first.</summary>
    public async Task<IReadOnlyList<TrainingRun>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(Columns + " order by r.created_at desc, r.run_id limit $1");
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>The steps of a run that have begun, in order.</summary>
    public async Task<IReadOnlyList<TrainingStep>> ReadStepsAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadStepsAsync(connection, runId, cancellationToken);
    }

    /// <summary>The last run of a kind that finished, whose steps tell how long they take; null before the first.</summary>
    public Task<TrainingRun?> FindLastFinishedAsync(string kind, CancellationToken cancellationToken) => FindAsync(
        "where r.state = 'finished' and r.kind = $1 order by r.finished_at desc limit 1", new NpgsqlParameter { Value = kind }, cancellationToken);

    /// <summary>The report of a run as JSON and as a page; nulls before there is one.</summary>
    public async Task<(string? Json, string? Html)> ReadReportAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("select report::text, report_html from cpf.training_runs where run_id = $1");
        command.Parameters.Add(new() { Value = runId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? (await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetString(0), await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1))
            : (null, null);
    }

    /// <summary>Asks for the end of a run that is going on; who drives it ends it.</summary>
    /// <returns>False when it has ended, or there is none.</returns>
    public async Task<bool> RequestCancelAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "update cpf.training_runs set cancel_requested = true where run_id = $1 and state in ('queued', 'running')");
        command.Parameters.Add(new() { Value = runId });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Notes that somebody else asked, too, while it was going on: its end answers that key as well.</summary>
    /// <returns>False when it has ended meanwhile.</returns>
    public async Task<bool> AlsoAskedAsync(Guid runId, string idempotencyKey, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            update cpf.training_runs
            set request = jsonb_set(request, '{also_asked}', coalesce(request -> 'also_asked', '[]') - $2 || to_jsonb($2))
            where run_id = $1 and state in ('queued', 'running')
            """);
        command.Parameters.Add(new() { Value = runId });
        command.Parameters.Add(new() { Value = idempotencyKey });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    internal static async Task<IReadOnlyList<TrainingStep>> ReadStepsAsync(NpgsqlConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "select step, started_at, finished_at from cpf.training_steps where run_id = $1 order by started_at, finished_at nulls last", connection)
        {
            Parameters = { new() { Value = runId } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var steps = new List<TrainingStep>();
        while (await reader.ReadAsync(cancellationToken))
        {
            steps.Add(new TrainingStep(
                reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1),
                await reader.IsDBNullAsync(2, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return steps;
    }

    internal static async Task<IReadOnlyList<TrainingRun>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<TrainingRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(new TrainingRun
            {
                RunId = reader.GetGuid(0),
                Kind = reader.GetString(1),
                Trigger = reader.GetString(2),
                IdempotencyKey = Text(3),
                RequestJson = reader.GetString(4),
                State = reader.GetString(5),
                Step = reader.GetString(6),
                Progress = reader.GetFloat(7),
                Message = Text(8),
                CancelRequested = reader.GetBoolean(9),
                BaseModelId = Value<long>(10),
                ModelId = Value<long>(11),
                SnapshotId = Text(12),
                DataJson = Text(13),
                HasReport = reader.GetBoolean(14),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(15),
                StartedAt = Value<DateTimeOffset>(16),
                UpdatedAt = reader.GetFieldValue<DateTimeOffset>(17),
                FinishedAt = Value<DateTimeOffset>(18),
            });
        }

        return runs;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        T? Value<T>(int column)
            where T : struct => reader.IsDBNull(column) ? null : reader.GetFieldValue<T>(column);
    }

    private async Task<TrainingRun?> FindAsync(string condition, NpgsqlParameter? parameter, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constant text.
        await using var command = dataSource.CreateCommand($"{Columns} {condition}");
#pragma warning restore CA2100
        if (parameter is not null)
        {
            command.Parameters.Add(parameter);
        }

        return (await ReadAsync(command, cancellationToken)).FirstOrDefault();
    }
}
