using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Ingest.Images;

/// <summary>What a snapshot feed, read to its end, does not list.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class SnapshotStore(NpgsqlDataSource dataSource)
{
    /// <summary>How much would go.</summary>
    public async Task<SnapshotShare> CountAsync(Feed feed, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            select count(*) filter (where i.state = 'stored'),
                   count(*) filter (where i.state = 'stored' and l.image_id is null and i.revision <= $3),
                   count(*) filter (where l.image_id is null and i.revision <= $3)
            from cpf.images i
            left join cpf.feed_images l on l.feed_id = $1 and l.image_id = i.image_id
            where i.source = $2 and i.state <> 'retracted'
            """, [feed.FeedId, feed.Source, feed.Revision])
            .WithoutTimeout().FirstAsync(row => new SnapshotShare(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken);
    }

    /// <summary>
    /// Images not listed and not retracted yet, by external id, after <paramref name="after"/>; images newer than the feed stay.
    /// </summary>
    public async Task<IReadOnlyList<UnlistedImage>> ListAsync(Feed feed, string after, int limit, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(
            """
            select i.image_id, i.external_id, coalesce(u.revision, i.applied_revision, i.revision)
            from cpf.images i
            left join cpf.image_updates u on u.image_id = i.image_id
            where i.source = $2 and i.external_id > $4 and i.state <> 'retracted' and i.revision <= $3
              and not exists (select from cpf.feed_images l where l.feed_id = $1 and l.image_id = i.image_id)
            order by i.external_id
            limit $5
            """, [feed.FeedId, feed.Source, feed.Revision, after, limit])
            .WithoutTimeout().QueryAsync(row => new UnlistedImage(row.GetGuid(0), row.GetString(1), row.GetInt64(2)), cancellationToken);
    }

    /// <summary>Adds to the feed's count of retracted images, in the transaction of the retractions.</summary>
    /// <exception cref="FeedTakenException">The feed is not running any more.</exception>
    public static async Task AdvanceAsync(NpgsqlConnection connection, long feedId, long retracted, CancellationToken cancellationToken)
    {
        if (await connection.Sql(
            "update cpf.feeds set retracted = retracted + $2 where feed_id = $1 and state = 'running'", [feedId, retracted])
            .ExecuteAsync(cancellationToken) == 0)
        {
            throw new FeedTakenException(feedId);
        }
    }
}
