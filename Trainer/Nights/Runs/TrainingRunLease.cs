using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Runs;
using CpfPipeline.Data.Sql;
using CpfPipeline.Nights.TrainingSets;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Nights.Runs;

/// <summary>
/// The right to drive runs; one Trainer has it at a time. Every change to a run is written through the connection that keeps the lock. A
/// driver that lost its session lost the lock, and cannot write any more. Safe for several threads.
/// </summary>
public sealed class TrainingRunLease : IAsyncDisposable
{
    private readonly KeptLock _held;
    private readonly SemaphoreSlim _gate = new(1, 1);

    private TrainingRunLease(KeptLock held) => _held = held;

    /// <summary>The right, or null when another driver has it.</summary>
    public static async Task<TrainingRunLease?> TryTakeAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken) =>
        await KeptLock.TryTakeAsync(dataSource, "cpf.training", cancellationToken) is { } held ? new TrainingRunLease(held) : null;

    /// <summary>The run that is queued or running, which begins now if it has not; null when there is none.</summary>
    public Task<TrainingRun?> BeginAsync(CancellationToken cancellationToken) => WithAsync(async connection =>
    {
        await connection.Sql(
            """
            update cpf.training_runs
            set state = 'running', started_at = now(), updated_at = now(),
                base_model_id = (select model_id from cpf.models where state = 'active')
            where state = 'queued'
            """).ExecuteAsync(cancellationToken);

        return await connection.Sql(TrainingRunStore.Columns + " where r.state = 'running'")
            .FirstOrDefaultAsync(TrainingRunStore.Read, cancellationToken);
    }, cancellationToken);

    /// <summary>The steps of a run that have begun.</summary>
    public Task<IReadOnlyList<TrainingStep>> ReadStepsAsync(Guid runId, CancellationToken cancellationToken) =>
        WithAsync(connection => TrainingRunStore.ReadStepsAsync(connection, runId, cancellationToken), cancellationToken);

    /// <summary>The run is at a step from now on; steps in <paramref name="done"/> are finished.</summary>
    public Task EnterStepAsync(Guid runId, string step, IReadOnlyCollection<string> done, CancellationToken cancellationToken) =>
        ExecuteAsync(
        """
        with entered as (
            insert into cpf.training_steps (run_id, step, started_at) values ($1, $2, now()) on conflict (run_id, step) do nothing
        ), finished as (
            update cpf.training_steps set finished_at = now() where run_id = $1 and step = any($3) and finished_at is null
        )
        update cpf.training_runs set step = $2, progress = 0, message = null, updated_at = now() where run_id = $1 and state = 'running'
        """, cancellationToken, runId, step, done.ToArray());

    /// <summary>Steps are finished; those that never were entered are written down, too.</summary>
    public Task FinishStepsAsync(Guid runId, IReadOnlyCollection<string> steps, CancellationToken cancellationToken) => ExecuteAsync(
        """
        insert into cpf.training_steps (run_id, step, started_at, finished_at)
        select $1, s, now(), now() from unnest($2) with ordinality as t(s, n) order by n
        on conflict (run_id, step) do update set finished_at = coalesce(training_steps.finished_at, now())
        """, cancellationToken, runId, steps.ToArray());

    /// <summary>A sign of life.</summary>
    /// <returns>Whether the run's end was requested.</returns>
    public Task<bool> BeatAsync(Guid runId, double progress, string? message, CancellationToken cancellationToken) =>
        WithAsync(async connection =>
    {
        return await connection.Sql(
            """
            update cpf.training_runs set progress = $2, message = coalesce($3, message), updated_at = now()
            where run_id = $1 and state = 'running'
            returning cancel_requested
            """, [
                runId, (float)Math.Clamp(progress, 0, 1),
                new NpgsqlParameter { Value = (object?)message ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }
            ])
            .ScalarAsync<bool?>(cancellationToken) is true;
    }, cancellationToken);

    /// <summary>Keeps what the training set of a run was.</summary>
    public Task KeepFactsAsync(Guid runId, TrainingSetFacts facts, CancellationToken cancellationToken) => ExecuteAsync(
        "update cpf.training_runs set snapshot_id = $2, data = $3, updated_at = now() where run_id = $1 and state = 'running'",
        cancellationToken, runId, facts.SnapshotId, Jsonb(facts.CountsJson));

    /// <summary>Keeps a candidate and what was measured of it, before a model is registered for it.</summary>
    public Task KeepCandidateAsync(
        Guid runId, TrainingSetFacts facts, KeptCandidate candidate, string reportJson, string reportHtml,
        CancellationToken cancellationToken) =>
        ExecuteAsync(
            """
            update cpf.training_runs
            set snapshot_id = $2, data = $3, report = $4, report_html = $5, candidate_head_sha256 = $6, candidate_embedding_dim = $7,
                candidate_threshold = $8, candidate_passed = $9, candidate_reason = $10, updated_at = now()
            where run_id = $1 and state = 'running'
            """, cancellationToken, runId, facts.SnapshotId, Jsonb(facts.CountsJson), Jsonb(reportJson), reportHtml, candidate.HeadSha256,
            candidate.EmbeddingDim, candidate.Threshold, candidate.Passed, candidate.Reason);

    /// <summary>The candidate that was kept, or null.</summary>
    public Task<KeptCandidate?> FindCandidateAsync(Guid runId, CancellationToken cancellationToken) =>
        WithAsync(connection => connection.Sql(
        """
        select candidate_head_sha256, candidate_embedding_dim, candidate_threshold, candidate_passed, candidate_reason
        from cpf.training_runs
        where run_id = $1 and candidate_head_sha256 is not null
        """, [runId])
        .FirstOrDefaultAsync(
            row => new KeptCandidate(row.GetFieldValue<byte[]>(0), row.GetInt32(1), row.GetDouble(2), row.GetBoolean(3), row.GetString(4)),
            cancellationToken), cancellationToken);

    /// <summary>The report that was kept with the candidate.</summary>
    public Task<string> ReadReportAsync(Guid runId, CancellationToken cancellationToken) => WithAsync(
        connection => connection.Sql("select report::text from cpf.training_runs where run_id = $1", [runId])
            .ScalarAsync<string>(cancellationToken), cancellationToken);

    /// <summary>The model that was registered for the run's candidate, or null.</summary>
    public Task<long?> FindModelOfAsync(Guid runId, CancellationToken cancellationToken) => WithAsync(
        connection => connection.Sql("select model_id from cpf.models where run_id = $1", [runId]).ScalarAsync<long?>(cancellationToken),
        cancellationToken);

    /// <summary>The run's model is this one.</summary>
    public Task SetModelAsync(Guid runId, long modelId, CancellationToken cancellationToken) => ExecuteAsync(
        "update cpf.training_runs set model_id = $2, updated_at = now() where run_id = $1 and state = 'running'", cancellationToken, runId,
        modelId);

    /// <summary>Ends a run and appends messages, in one transaction.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="state">One of those that have ended.</param>
    /// <param name="message">How it ended, for a person.</param>
    /// <param name="messages">Given the run as it ended, what to publish with it.</param>
    /// <param name="cancellationToken">Cancels; nothing is changed then.</param>
    /// <returns>The rows to dispatch; none when it had ended before.</returns>
    public Task<IReadOnlyList<OutboxMessage>> EndAsync(
        Guid runId, string state, string message, Func<TrainingRun, IReadOnlyCollection<object>> messages,
        CancellationToken cancellationToken) => WithAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await connection.Sql(
            """
            update cpf.training_runs
            set state = $2, message = $3, progress = case when $2 = 'finished' then 1 else progress end,
                step = case when $2 = 'finished' then 'activate' else step end, updated_at = now(), finished_at = now()
            where run_id = $1 and state in ('queued', 'running')
            """, [runId, state, message]).ExecuteAsync(cancellationToken) == 0)
        {
            return [];
        }

        var run = await connection.Sql(TrainingRunStore.Columns + " where r.run_id = $1", [runId])
            .FirstAsync(TrainingRunStore.Read, cancellationToken);
        var outbox = await OutboxStore.AppendAsync(connection, messages(run), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outbox;
    }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _held.DisposeAsync();
        _gate.Dispose();
    }

    private static NpgsqlParameter Jsonb(string json) => new() { Value = json, NpgsqlDbType = NpgsqlDbType.Jsonb };

    private Task ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] parameters) =>
        WithAsync(connection => connection.Sql(sql, parameters).ExecuteAsync(cancellationToken), cancellationToken);

    private async Task<T> WithAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await work(_held.Connection);
        }
        finally
        {
            _gate.Release();
        }
    }
}
