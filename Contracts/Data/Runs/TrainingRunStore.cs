using CpfPipeline.Data.Access;
using CpfPipeline.Data.Reports;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Runs;

/// <summary>
/// Runs of the Trainer for those who ask for one, look at one or cancel one. Who drives a run writes to it under a lock, in the Trainer.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class TrainingRunStore(NpgsqlDataSource dataSource)
{
    /// <summary>Selects runs, as <see cref="Read"/> takes them; the rows are named <c>r</c>.</summary>
    public const string Columns = """
        select r.run_id, r.kind, r.trigger, r.idempotency_key, r.request::text, r.state, r.step, r.progress, r.message,
               r.cancel_requested, r.base_model_id, r.model_id, r.snapshot_id, r.data::text, r.report_html is not null,
               r.created_at, r.started_at, r.updated_at, r.finished_at
        from cpf.training_runs r
        """;

    /// <summary>Adds a run unless its key is known or another run is going on; in this order.</summary>
    public async Task<TrainingRunAdded> AddAsync(NewTrainingRun run, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await InsertAsync(run, cancellationToken))
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

            // The run that prevented this one has ended since.
        }
    }

    private async Task<bool> InsertAsync(NewTrainingRun run, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isAdded = await connection.Sql(
            """
            insert into cpf.training_runs (run_id, kind, trigger, idempotency_key, request, model_id)
            select $1, $2, $3, $4, $5, $6
            where $4 is null or not exists (select from cpf.training_runs where request -> 'also_asked' ? $4)
            on conflict do nothing
            """, [
                run.RunId, run.Kind, run.Trigger,
                new NpgsqlParameter { Value = (object?)run.IdempotencyKey ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter { Value = run.RequestJson, NpgsqlDbType = NpgsqlDbType.Jsonb },
                new NpgsqlParameter { Value = (object?)run.ModelId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint },
            ])
            .ExecuteAsync(cancellationToken) == 1;
        if (isAdded && run.Audit is { } audit)
        {
            await AuditStore.AppendAsync(connection, audit, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return isAdded;
    }

    /// <summary>The run, or null.</summary>
    public Task<TrainingRun?> FindAsync(Guid runId, CancellationToken cancellationToken) =>
        FindAsync("where r.run_id = $1", runId, cancellationToken);

    /// <summary>The run that is queued or running, or null.</summary>
    public Task<TrainingRun?> FindUnfinishedAsync(CancellationToken cancellationToken) =>
        FindAsync("where r.state in ('queued', 'running')", null, cancellationToken);

    /// <summary>The run requested with a key, or the run that was going on when the key came in; null when there is none.</summary>
    public Task<TrainingRun?> FindByKeyAsync(string idempotencyKey, CancellationToken cancellationToken) => FindAsync(
        "where r.idempotency_key = $1 or r.request -> 'also_asked' ? $1 order by r.created_at limit 1", idempotencyKey, cancellationToken);

    /// <summary>The newest run that was asked for in a way; null when there is none.</summary>
    public Task<TrainingRun?> FindLastByTriggerAsync(string trigger, CancellationToken cancellationToken) =>
        FindAsync("where r.trigger = $1 order by r.created_at desc limit 1", trigger, cancellationToken);

    /// <summary>The newest runs first.</summary>
    public async Task<IReadOnlyList<TrainingRun>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(Columns + " order by r.created_at desc, r.run_id limit $1", [limit])
            .QueryAsync(Read, cancellationToken);
    }

    /// <summary>The steps of a run that have begun, in order.</summary>
    public async Task<IReadOnlyList<TrainingStep>> ReadStepsAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ReadStepsAsync(connection, runId, cancellationToken);
    }

    /// <summary>The last run of a kind that finished, whose steps tell how long they take; null before the first.</summary>
    public Task<TrainingRun?> FindLastFinishedAsync(string kind, CancellationToken cancellationToken) => FindAsync(
        "where r.state = 'finished' and r.kind = $1 order by r.finished_at desc limit 1", kind, cancellationToken);

    /// <summary>
    /// The report of a run as JSON and as a page, with the catalogue's pictures named as they are now; nulls before there is one.
    /// </summary>
    public async Task<(string? Json, string? Html)> ReadReportAsync(Guid runId, CancellationToken cancellationToken)
    {
        var found = await dataSource.Sql("select report::text, report_html from cpf.training_runs where run_id = $1", [runId])
            .QueryAsync(row => (row.GetStringOrNull(0), row.GetStringOrNull(1)), cancellationToken);
        var (json, html) = found.SingleOrDefault();
        return (json, html is null ? null : await ReportNames.FillAsync(dataSource, html, cancellationToken));
    }

    /// <summary>Asks for the end of a run that is going on; who drives it ends it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="by">Who asks, for the audit; null: a part of the pipeline.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False when it has ended, or there is none.</returns>
    public async Task<bool> RequestCancelAsync(Guid runId, Actor? by, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isRequested = await connection.Sql(
            "update cpf.training_runs set cancel_requested = true where run_id = $1 and state in ('queued', 'running')", [runId])
            .ExecuteAsync(cancellationToken) == 1;
        if (isRequested && by is not null)
        {
            await AuditStore.AppendAsync(connection, new AuditEntry(by, "training.cancel", $"run {runId}"), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return isRequested;
    }

    /// <summary>Records another request that came in while the run was going on. The end of the run answers that key as well.</summary>
    /// <returns>False when the run has ended since.</returns>
    public async Task<bool> AlsoAskedAsync(Guid runId, string idempotencyKey, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            update cpf.training_runs
            set request = jsonb_set(request, '{also_asked}', coalesce(request -> 'also_asked', '[]') - $2 || to_jsonb($2))
            where run_id = $1 and state in ('queued', 'running')
            """, [runId, idempotencyKey]).ExecuteAsync(cancellationToken) == 1;
    }

    /// <summary>The same on the caller's connection.</summary>
    public static async Task<IReadOnlyList<TrainingStep>> ReadStepsAsync(
        NpgsqlConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        return await connection.Sql(
            "select step, started_at, finished_at from cpf.training_steps where run_id = $1 order by started_at, finished_at nulls last",
            [runId])
            .QueryAsync(
                row => new TrainingStep(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), row.GetOrNull<DateTimeOffset>(2)),
                cancellationToken);
    }

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static TrainingRun Read(NpgsqlDataReader row) => new()
    {
        RunId = row.GetGuid(0),
        Kind = row.GetString(1),
        Trigger = row.GetString(2),
        IdempotencyKey = row.GetStringOrNull(3),
        RequestJson = row.GetString(4),
        State = row.GetString(5),
        Step = row.GetString(6),
        Progress = row.GetFloat(7),
        Message = row.GetStringOrNull(8),
        CancelRequested = row.GetBoolean(9),
        BaseModelId = row.GetOrNull<long>(10),
        ModelId = row.GetOrNull<long>(11),
        SnapshotId = row.GetStringOrNull(12),
        DataJson = row.GetStringOrNull(13),
        HasReport = row.GetBoolean(14),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(15),
        StartedAt = row.GetOrNull<DateTimeOffset>(16),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(17),
        FinishedAt = row.GetOrNull<DateTimeOffset>(18),
    };

    private Task<TrainingRun?> FindAsync(string condition, object? value, CancellationToken cancellationToken) =>
        dataSource.Sql($"{Columns} {condition}", value is null ? null : [value]).FirstOrDefaultAsync(Read, cancellationToken);
}
