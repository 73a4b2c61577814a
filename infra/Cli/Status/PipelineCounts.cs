using CpfPipeline.Cli.Progress;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Status;

/// <summary>What the database says about the pipeline's state.</summary>
internal sealed record PipelineCounts(
    ImageCounts Images, long Contents, long Unmatched, long Pending, long Unreconciled, long Outbox, StatusModel? ActiveModel,
    LastReconcile? LastReconcile, HandoverProgress? Handover = null)
{
    private const string Sql = """
        select
            (select count(*) from cpf.images where state = 'received'),
            (select count(*) from cpf.images where state = 'stored'),
            (select count(*) from cpf.images where state = 'rejected'),
            (select count(*) from cpf.images where state = 'retracted'),
            (select count(*) from cpf.contents where state = 'stored'),
            (select count(*) from cpf.group_members g where g.model_id = m.model_id and g.pending),
            (select count(*) from cpf.group_members g where g.model_id = m.model_id and not g.reconciled),
            m.model_id, m.threshold, m.head_id, encode(b.sha256, 'hex'),
            r.finished_at, r.contents, r.recall,
            (select count(*) from cpf.outbox),
            p.model_id, p.wanted, p.progress, p.message
        from (select 1) one
        left join cpf.models    m on m.state = 'active'
        left join cpf.heads     h on h.head_id = m.head_id
        left join cpf.backbones b on b.backbone_id = h.backbone_id
        left join lateral (
            select finished_at, contents, recall from cpf.reconciles where model_id = m.model_id order by reconcile_id desc limit 1
        ) r on true
        left join lateral (
            select p.model_id, p.wanted, p.progress, p.message
            from cpf.model_preparations p join cpf.models s on s.model_id = p.model_id and s.state = 'shadow' limit 1
        ) p on true
        """;

    /// <exception cref="UnfinishedRestoreException">The database is being restored.</exception>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<PipelineCounts> ReadAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var dataSource = PostgresDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 }.ConnectionString, "cpf status");
        return await ReadAsync(dataSource, cancellationToken);
    }

    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<PipelineCounts> ReadAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var progress = await new ImageProgressStore(dataSource).ReadAsync(null, cancellationToken);
        return await dataSource.Sql(Sql).FirstAsync(row => new PipelineCounts(
            new(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            row.GetInt64(4),
            progress.Unmatched,
            row.GetInt64(5),
            row.GetInt64(6),
            row.GetInt64(14),
            row.IsDBNull(7) ? null : new(row.GetInt64(7), row.GetDouble(8), row.GetString(10), row.GetInt64(9)),
            row.IsDBNull(11) ? null : new(row.GetFieldValue<DateTimeOffset>(11), row.GetInt64(12), row.GetDouble(13)),
            row.IsDBNull(15) ? null
                : new(row.GetInt64(15), row.GetString(16), row.GetFloat(17), row.IsDBNull(18) ? null : row.GetString(18))),
            cancellationToken);
    }
}

/// <summary>How far the groups of the model that is to take over are.</summary>
/// <param name="Wanted"><c>groups</c> or <c>activation</c>.</param>
/// <param name="Progress">Share of the grouping, 0 to 1.</param>
/// <param name="Message">What is being done, with the time left where it is known, for a person.</param>
internal sealed record HandoverProgress(long ModelId, string Wanted, double Progress, string? Message);

/// <summary>Images by state.</summary>
internal sealed record ImageCounts(long Received, long Stored, long Rejected, long Retracted);

/// <param name="Backbone">SHA-256 of the backbone's file, hex.</param>
internal sealed record StatusModel(long ModelId, double Threshold, string Backbone, long HeadId);

/// <param name="Contents">Contents it joined.</param>
/// <param name="Recall">Share of the matching pairs that the online search had found.</param>
internal sealed record LastReconcile(DateTimeOffset At, long Contents, double Recall);
