using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Gauges;

/// <summary>Reads the state of the whole pipeline.</summary>
internal static class PipelineReadingStore
{
    /// <summary>What waits is counted up to this number, and the oldest is the oldest of these.</summary>
    public const int MaxCounted = 100_000;

    // What waits since when, as "waiting (since)", then its number and the age of the oldest in seconds.
    private const string Summary = """

        select count(*), coalesce(extract(epoch from clock_timestamp() - min(since)), 0)::double precision from waiting
        """;

    private const string Fetch = """
        with waiting as (select updated_at as since from cpf.images where state = 'received' limit $1)
        """ + Summary;

    private const string Publish = "with waiting as (select created_at as since from cpf.outbox order by seq limit $1)" + Summary;

    private const string Embed = """
        with waiting as (
            select c.created_at as since
            from cpf.contents c
            where c.state = 'stored'
              and not exists (select from cpf.embeddings e where e.head_id = $2 and e.content_id = c.content_id)
            limit $1
        )
        """ + Summary;

    private const string Regroup = """
        with waiting as (select matched_at as since from cpf.group_members where model_id = $2 and pending limit $1)
        """ + Summary;

    private const string Reconcile = """
        with waiting as (select matched_at as since from cpf.group_members where model_id = $2 and not reconciled limit $1)
        """ + Summary;

    private const string Rest = """
        select (select recall from cpf.reconciles where model_id = $1 order by reconcile_id desc limit 1),
               (select churn from cpf.model_diffs order by at desc limit 1),
               (select count(*) from cpf.tombstones),
               (select max(finished_at) from cpf.training_runs
                where kind = 'training' and state in ('finished', 'refused', 'too_little_data'))
        """;

    /// <summary>The state as of now.</summary>
    /// <param name="connection">Connection; each statement sees what is committed by then.</param>
    /// <param name="patience">How long one statement may take.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<PipelineReading> ReadAsync(
        NpgsqlConnection connection, TimeSpan patience, CancellationToken cancellationToken)
    {
        var model = await ModelStore.ReadActiveAsync(connection, cancellationToken);
        List<PipelineStage> stages = [await ReadAsync(PipelineStage.Fetch, Fetch, [MaxCounted])];
        if (model is not null)
        {
            stages.Add(await ReadAsync(PipelineStage.Embed, Embed, [MaxCounted, model.HeadId]));
            var (unmatched, age) = await MembershipStore.SummariseUnmatchedAsync(
                connection, model.HeadId, model.ModelId, patience, cancellationToken);
            stages.Add(new PipelineStage(PipelineStage.Match, unmatched, age));
            stages.Add(await ReadAsync(PipelineStage.Regroup, Regroup, [MaxCounted, model.ModelId]));
            stages.Add(await ReadAsync(PipelineStage.Reconcile, Reconcile, [MaxCounted, model.ModelId]));
        }

        stages.Add(await ReadAsync(PipelineStage.Publish, Publish, [MaxCounted]));
        return await connection.Sql(Rest, [model?.ModelId]).Within(patience).FirstAsync(row => new PipelineReading(
            stages,
            model is null ? null : new ReadModel(model.ModelId, model.Threshold),
            row.IsDBNull(0) ? null : row.GetDouble(0),
            row.IsDBNull(1) ? null : row.GetDouble(1),
            row.GetInt64(2),
            row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)), cancellationToken);

        Task<PipelineStage> ReadAsync(string stage, string sql, object?[] values) =>
            connection.Sql(sql, values).Within(patience).FirstAsync(
                row => new PipelineStage(stage, row.GetInt64(0), TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(1)))), cancellationToken);
    }
}
