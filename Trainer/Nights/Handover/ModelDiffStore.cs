using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Nights.Handover;

/// <summary>How the groups of two models differ.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class ModelDiffStore(NpgsqlDataSource dataSource)
{
    /// <summary>The members of both models, as of one moment: 24 bytes a content in memory.</summary>
    public async Task<IReadOnlyList<RegroupedContent>> ReadBothAsync(long fromModelId, long modelId, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            select b.content_id, b.group_id, a.group_id
            from cpf.group_members b
            join cpf.group_members a on a.model_id = $2 and a.content_id = b.content_id
            where b.model_id = $1
            """, [fromModelId, modelId])
            .WithoutTimeout().QueryAsync(row => new RegroupedContent(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken);
    }

    /// <summary>Stores a comparison in the place of an earlier one of the same model.</summary>
    public async Task WriteAsync(
        ModelDiffRow diff, IReadOnlyCollection<(RegroupedContent Content, string Kind)> changed, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.Sql(
            """
            insert into cpf.model_diffs
                (model_id, from_model_id, contents, unchanged, merged, split, moved, groups_before, groups_after, churn)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (model_id) do update
            set from_model_id = excluded.from_model_id, contents = excluded.contents, unchanged = excluded.unchanged,
                merged = excluded.merged, split = excluded.split, moved = excluded.moved, groups_before = excluded.groups_before,
                groups_after = excluded.groups_after, churn = excluded.churn, at = now()
            """, [
                diff.ModelId, diff.FromModelId, diff.Contents, diff.Unchanged, diff.Merged, diff.Split, diff.Moved, diff.GroupsBefore,
                diff.GroupsAfter, diff.Churn
            ])
            .ExecuteAsync(cancellationToken);

        await connection.Sql("delete from cpf.model_diff_contents where model_id = $1", [diff.ModelId])
            .WithoutTimeout().ExecuteAsync(cancellationToken);

        await using (var importer = await connection.BeginBinaryImportAsync(
            "copy cpf.model_diff_contents (model_id, content_id, kind, group_id_before, group_id_after) from stdin (format binary)",
            cancellationToken))
        {
            importer.Timeout = TimeSpan.Zero; // The references of all rows are checked at the end.
            foreach (var (content, kind) in changed)
            {
                await importer.StartRowAsync(cancellationToken);
                await importer.WriteAsync(diff.ModelId, cancellationToken);
                await importer.WriteAsync(content.ContentId, cancellationToken);
                await importer.WriteAsync(kind, cancellationToken);
                await importer.WriteAsync(content.Before, cancellationToken);
                await importer.WriteAsync(content.After, cancellationToken);
            }

            await importer.CompleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The comparison of a model, or null.</summary>
    public Task<ModelDiffRow?> FindAsync(long modelId, CancellationToken cancellationToken) =>
        FindAsync(Select + " where d.model_id = $1", modelId, cancellationToken);

    /// <summary>The comparison that a run has made, or null.</summary>
    public Task<ModelDiffRow?> FindOfRunAsync(Guid runId, CancellationToken cancellationToken) => FindAsync(
        Select + " join cpf.training_runs r on r.model_id = d.model_id and r.run_id = $1 and d.at >= r.started_at", runId,
        cancellationToken);

    private const string Select =
        """
        select d.model_id, d.from_model_id, d.contents, d.unchanged, d.merged, d.split, d.moved, d.groups_before, d.groups_after, d.churn
        from cpf.model_diffs d
        """;

    private Task<ModelDiffRow?> FindAsync(string sql, object id, CancellationToken cancellationToken) => dataSource.Sql(sql, [id])
        .FirstOrDefaultAsync(
        row => new ModelDiffRow(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6),
            row.GetInt64(7), row.GetInt64(8), row.GetDouble(9)), cancellationToken);
}
