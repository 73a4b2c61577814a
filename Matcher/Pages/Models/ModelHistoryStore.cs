using CpfPipeline.Data.Reports;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>The models there were.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ModelHistoryStore(NpgsqlDataSource dataSource)
{
    private const string Listed = """
        h.model_id, h.state, h.kind, h.threshold, h.f1, h.f1_low, h.f1_high, h.opis, h.learned_from, h.train_contents, h.train_classes,
        h.created_at, h.activated_at, h.retired_at, h.reason
        """;

    /// <summary>Models in falling order of their ids.</summary>
    /// <param name="before">Only those with a smaller id; null: from the newest on.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<ListedModel>> ReadAsync(long? before, int limit, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"select {Listed} from cpf.model_history h where h.model_id < $1 order by h.model_id desc limit $2",
            [before ?? long.MaxValue, limit]).QueryAsync(ReadListed, cancellationToken);

    /// <summary>A model, or null.</summary>
    public async Task<ModelDetails?> FindAsync(long modelId, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"""
            select {Listed}, h.head_id, h.embedding_dim, h.feature_dim, encode(b.sha256, 'hex'), encode(e.sha256, 'hex'), h.parent_model_id,
                h.duration_seconds,
                exists (select from cpf.training_runs r where r.model_id = h.model_id and r.report_html is not null),
                exists (select from cpf.group_members g where g.model_id = h.model_id),
                to_regclass('cpf.embeddings_h' || h.head_id) is not null, h.report::text,
                d.from_model_id, d.contents, d.unchanged, d.merged, d.split, d.moved, d.groups_before, d.groups_after, d.churn, d.at
            from cpf.model_history h
            join cpf.heads     e on e.head_id = h.head_id
            join cpf.backbones b on b.backbone_id = h.backbone_id
            left join cpf.model_diffs d on d.model_id = h.model_id
            where h.model_id = $1
            """, [modelId]).FirstOrDefaultAsync(
            row => new ModelDetails(
                ReadListed(row), row.GetInt64(15), row.GetInt32(16), row.GetInt32(17), row.GetString(18), row.GetString(19),
                row.GetOrNull<long>(20), row.GetOrNull<double>(21), row.GetBoolean(22), row.GetBoolean(23), row.GetBoolean(24),
                row.GetString(25), row.IsDBNull(26) ? null : ReadDifference(row, 26)), cancellationToken);

    /// <summary>Whether the groups of a model are kept.</summary>
    public Task<bool> HasGroupsAsync(long modelId, CancellationToken cancellationToken) =>
        dataSource.Sql("select exists (select from cpf.group_members where model_id = $1)", [modelId]).ScalarAsync<bool>(cancellationToken);

    /// <summary>Its groups of two pictures or more.</summary>
    public Task<long> CountGroupsAsync(long modelId, CancellationToken cancellationToken) =>
        dataSource.Sql("select count(*) from cpf.groups where model_id = $1", [modelId]).ScalarAsync<long>(cancellationToken);

    /// <summary>The page that the run of a model wrote, with its pictures named as they are now; null when there is none.</summary>
    public async Task<string?> ReadReportPageAsync(long modelId, CancellationToken cancellationToken)
    {
        var page = await dataSource.Sql(
            """
            select report_html from cpf.training_runs where model_id = $1 and report_html is not null order by created_at limit 1
            """, [modelId]).ScalarAsync<string?>(cancellationToken);
        return page is null ? null : await ReportNames.FillAsync(dataSource, page, cancellationToken);
    }

    private static ListedModel ReadListed(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetDouble(3), row.GetOrNull<double>(4), row.GetOrNull<double>(5),
        row.GetOrNull<double>(6), row.GetOrNull<double>(7), row.GetStringOrNull(8), row.GetOrNull<long>(9), row.GetOrNull<long>(10),
        row.GetFieldValue<DateTimeOffset>(11), row.GetOrNull<DateTimeOffset>(12), row.GetOrNull<DateTimeOffset>(13),
        row.GetStringOrNull(14));

    private static HandoverDifference ReadDifference(NpgsqlDataReader row, int at) => new(
        row.GetInt64(at), row.GetInt64(at + 1), row.GetInt64(at + 2), row.GetInt64(at + 3), row.GetInt64(at + 4), row.GetInt64(at + 5),
        row.GetInt64(at + 6), row.GetInt64(at + 7), row.GetDouble(at + 8), row.GetFieldValue<DateTimeOffset>(at + 9));
}
