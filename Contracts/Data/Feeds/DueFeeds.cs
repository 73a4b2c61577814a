using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Feeds;

/// <summary>Which feeds are to be read now, who reads them, and which are put off.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class DueFeeds(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// The oldest unfinished feed of each source, oldest first, because feeds of one source are read one after another. A feed that was
    /// read and waits for its hosts is not due: it would block others. Nor is one that is put off, after a download that failed or a fault.
    /// </summary>
    public async Task<IReadOnlyList<Feed>> ListAsync(CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            $"""
            select {FeedRow.Columns} from cpf.feeds f
            where feed_id in (select min(feed_id) from cpf.feeds where state in ('queued', 'running') group by source)
              and (next_attempt_at is null or next_attempt_at <= now())
              and (rows_total is null or rows_read < rows_total
                   or not exists (select from cpf.fetches w where w.feed_id = f.feed_id))
            order by feed_id
            """).QueryAsync(FeedRow.Read, cancellationToken);
    }

    /// <summary>Takes the lock for reading a source's feeds. Null when another instance holds it.</summary>
    public Task<KeptLock?> TryLeaseAsync(string source, CancellationToken cancellationToken) =>
        KeptLock.TryTakeAsync(dataSource, "cpf.feed." + source, cancellationToken);

    /// <summary>
    /// Counts a fault that no server is to blame for, and puts the feed off: longer each time until a further row is applied.
    /// </summary>
    /// <returns>How often in a row it met one; null when it is not read any more.</returns>
    public Task<int?> CountFaultAsync(long feedId, TimeSpan firstPause, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            update cpf.feeds f
            set faults = n.faults, faulted_at_row = rows_read, next_attempt_at = now() + $2 * 2 ^ (n.faults - 1)
            from (select case when faulted_at_row = rows_read then faults + 1 else 1 end as faults from cpf.feeds where feed_id = $1) n
            where f.feed_id = $1 and f.state = 'running'
            returning f.faults
            """, [feedId, firstPause]).ScalarAsync<int?>(cancellationToken);
}
