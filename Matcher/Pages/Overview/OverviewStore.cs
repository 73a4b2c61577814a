using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Addresses;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Overview;

/// <summary>Counts for the overview, none of which looks at more than a bounded number of rows.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class OverviewStore(NpgsqlDataSource dataSource)
{
    /// <summary>Rows up to which everything is counted.</summary>
    internal const int MaxCounted = 50_000;

    /// <summary>Rows up to which what waits is counted.</summary>
    internal const int MaxWaiting = 10_000;

    /// <summary>Listings by state: counted up to a limit, above it estimated from the planner's statistics.</summary>
    /// <param name="maxCounted">That limit.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ImageCounts> CountImagesAsync(int maxCounted, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var states = await connection.Sql(
            "select state, count(*) from (select state from cpf.images limit $1) as i group by state", [maxCounted + 1])
            .QueryAsync(row => (State: row.GetString(0), Count: row.GetInt64(1)), cancellationToken);
        var contents = await connection.Sql(
            "select count(*) from (select from cpf.contents where state = 'stored' limit $1) as c", [maxCounted + 1])
            .ScalarAsync<long>(cancellationToken);
        if (states.Sum(s => s.Count) <= maxCounted && contents <= maxCounted)
        {
            long Exactly(string state) => states.Where(s => s.State == state).Sum(s => s.Count);
            return new ImageCounts(Exactly("stored"), Exactly("received"), Exactly("rejected"), Exactly("retracted"), contents, false);
        }

        var shares = await connection.Sql(
            """
            select v.state, v.share
            from pg_stats s
            cross join unnest(s.most_common_vals::text::text[], s.most_common_freqs) as v(state, share)
            where s.schemaname = 'cpf' and s.tablename = 'images' and s.attname = 'state'
            """).QueryAsync(row => (State: row.GetString(0), Share: (double)row.GetFloat(1)), cancellationToken);
        var (images, pictures) = await connection.Sql(
            """
            select (select reltuples from pg_class where oid = 'cpf.images'::regclass),
                   (select reltuples from pg_class where oid = 'cpf.contents'::regclass)
            """).FirstAsync(row => (row.GetFloat(0), row.GetFloat(1)), cancellationToken);
        long About(string state) => (long)Math.Round(Math.Max(images, maxCounted) * shares.Where(s => s.State == state).Sum(s => s.Share));
        return new ImageCounts(
            About("stored"), About("received"), About("rejected"), About("retracted"), (long)Math.Max(pictures, contents), true);
    }

    /// <summary>Pictures that wait to be fetched.</summary>
    public Task<WaitingWork> CountFetchesAsync(CancellationToken cancellationToken) => CountAsync(
        "select updated_at as at from cpf.images where state = 'received' limit $1", cancellationToken);

    /// <summary>Messages that wait to be published.</summary>
    public Task<WaitingWork> CountOutboxAsync(CancellationToken cancellationToken) => CountAsync(
        "select created_at as at from cpf.outbox order by seq limit $1", cancellationToken);

    /// <summary>Refused pictures, the last ones first.</summary>
    /// <param name="after">Only those behind this place; null: from the newest on.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<RejectedPicture>> ReadRejectedAsync(
        ListPlace<Guid>? after, int limit, CancellationToken cancellationToken) =>
        await dataSource.Sql(
            $"""
            select i.image_id, i.source, i.external_id, i.reject_reason, i.reject_detail, i.updated_at
            from cpf.images i
            where i.state = 'rejected' {(after is null ? "" : "and (i.updated_at, i.image_id) < ($2, $3)")}
            order by i.updated_at desc, i.image_id desc limit $1
            """, after is null ? [limit] : [limit, after.Key, after.Id]).QueryAsync(
            row => new RejectedPicture(
                row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetStringOrNull(4),
                row.GetFieldValue<DateTimeOffset>(5)), cancellationToken);

    private Task<WaitingWork> CountAsync(string rows, CancellationToken cancellationToken) =>
        dataSource.Sql($"select count(*), min(w.at) from ({rows}) as w", [MaxWaiting]).FirstAsync(
            row => new WaitingWork(row.GetInt64(0), row.GetInt64(0) == MaxWaiting, row.GetOrNull<DateTimeOffset>(1)), cancellationToken);
}
