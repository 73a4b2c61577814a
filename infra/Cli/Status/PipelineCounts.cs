using CpfPipeline.Cli.Progress;
using Npgsql;

namespace CpfPipeline.Cli.Status;

/// <summary>What the database says about the pipeline's state.</summary>
internal sealed record PipelineCounts(
    ImageCounts Images, long Contents, long Unmatched, long Pending, long Unreconciled, long Outbox, StatusModel? ActiveModel, LastReconcile? LastReconcile)
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
            (select count(*) from cpf.outbox)
        from (select 1) one
        left join cpf.models    m on m.state = 'active'
        left join cpf.heads     h on h.head_id = m.head_id
        left join cpf.backbones b on b.backbone_id = h.backbone_id
        left join lateral (
            select finished_at, contents, recall from cpf.reconciles where model_id = m.model_id order by reconcile_id desc limit 1
        ) r on true
        """;

    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<PipelineCounts> ReadAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var dataSource = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 });
        return await ReadAsync(dataSource, cancellationToken);
    }

    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public static async Task<PipelineCounts> ReadAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var progress = await new ImageProgressStore(dataSource).ReadAsync(null, cancellationToken);
        await using var command = dataSource.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new(
            new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)),
            reader.GetInt64(4),
            progress.Unmatched,
            reader.GetInt64(5),
            reader.GetInt64(6),
            reader.GetInt64(14),
            await reader.IsDBNullAsync(7, cancellationToken)
                ? null
                : new(reader.GetInt64(7), reader.GetDouble(8), reader.GetString(10), reader.GetInt64(9)),
            await reader.IsDBNullAsync(11, cancellationToken)
                ? null
                : new(reader.GetFieldValue<DateTimeOffset>(11), reader.GetInt64(12), reader.GetDouble(13)));
    }
}

/// <summary>Images by state.</summary>
internal sealed record ImageCounts(long Received, long Stored, long Rejected, long Retracted);

/// <param name="Backbone">SHA-256 of the backbone's file, hex.</param>
internal sealed record StatusModel(long ModelId, double Threshold, string Backbone, long HeadId);

/// <param name="Contents">Contents it joined.</param>
/// <param name="Recall">Share of the matching pairs that the online search had found.</param>
internal sealed record LastReconcile(DateTimeOffset At, long Contents, double Recall);
