using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Trainer.Retention;

/// <summary>Removes old rows that stand for themselves, so many at a time.</summary>
internal static class OldRowStore
{
    private const string ModelChanges = """
        delete from cpf.model_diff_contents where ctid = any(array(
            select c.ctid
            from cpf.model_diffs d
            join cpf.models m using (model_id)
            join cpf.model_diff_contents c using (model_id)
            where d.at < $1 and m.state not in ('active', 'shadow')
            limit $2))
        """;

    private const string Reconciles = """
        delete from cpf.reconciles where reconcile_id = any(array(
            select r.reconcile_id from cpf.reconciles r
            where r.finished_at < $1
              and r.reconcile_id < (select max(l.reconcile_id) from cpf.reconciles l where l.model_id = r.model_id)
            order by r.reconcile_id
            limit $2))
        """;

    // Ingest compares a feed with the newest finished one of its origin, or with the one that this repeated. A feed's rejected rows, of
    // which there may be as many as rows, go with it.
    private const string Feeds = """
        delete from cpf.feeds where feed_id = any(array(
            select f.feed_id from cpf.feeds f
            where f.finished_at < $1 and f.state not in ('queued', 'running')
              and exists (select from cpf.feeds n
                          where n.source = f.source and n.url is not distinct from f.url and n.path is not distinct from f.path
                            and n.state = 'finished' and n.feed_id > f.feed_id)
              and exists (select from cpf.feeds n where n.source = f.source and n.feed_id > f.feed_id)
              and not exists (select from cpf.feeds n where n.unchanged_since = f.feed_id)
              and not exists (select from cpf.feed_schedules s where s.last_feed_id = f.feed_id)
            order by f.feed_id
            limit least($2, 10)))
        """;

    private const string Reports = """
        update cpf.training_runs set report_html = null where run_id = any(array(
            select run_id from cpf.training_runs where finished_at < $1 and report_html is not null limit least($2, 100)))
        """;

    /// <summary>The contents that changed companions, of models compared before a moment.</summary>
    public static Task<int> DeleteModelChangesAsync(
        NpgsqlConnection connection, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, ModelChanges, before, limit, cancellationToken);

    /// <summary>Reconciles but the last one of each model.</summary>
    public static Task<int> DeleteReconcilesAsync(
        NpgsqlConnection connection, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, Reconciles, before, limit, cancellationToken);

    /// <summary>Feeds that ended, but those that a later one is compared with.</summary>
    public static Task<int> DeleteFeedsAsync(
        NpgsqlConnection connection, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, Feeds, before, limit, cancellationToken);

    /// <summary>The pages of reports.</summary>
    public static Task<int> ClearReportsAsync(
        NpgsqlConnection connection, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, Reports, before, limit, cancellationToken);

    private static Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        connection.Sql(sql, [before, limit]).WithoutTimeout().ExecuteAsync(cancellationToken);
}
