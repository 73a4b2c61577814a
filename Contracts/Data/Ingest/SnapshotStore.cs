using Npgsql;

namespace CpfPipeline.Data;

/// <summary>What a snapshot feed, read to its end, does not list.</summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class SnapshotStore(NpgsqlDataSource dataSource)
{
    /// <summary>How much would go.</summary>
    public async Task<SnapshotShare> CountAsync(Feed feed, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select count(*) filter (where i.state = 'stored'),
                   count(*) filter (where i.state = 'stored' and l.image_id is null and i.revision <= $3),
                   count(*) filter (where l.image_id is null and i.revision <= $3)
            from cpf.images i
            left join cpf.feed_images l on l.feed_id = $1 and l.image_id = i.image_id
            where i.source = $2 and i.state <> 'retracted'
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddRange(
            new NpgsqlParameter[] { new() { Value = feed.FeedId }, new() { Value = feed.Source }, new() { Value = feed.Revision } });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new SnapshotShare(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>
    /// Images not listed and not retracted yet, by external id, after <paramref name="after"/>; images newer than the feed stay.
    /// </summary>
    public async Task<IReadOnlyList<UnlistedImage>> ListAsync(Feed feed, string after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select i.image_id, i.external_id, coalesce(u.revision, i.applied_revision, i.revision)
            from cpf.images i
            left join cpf.image_updates u on u.image_id = i.image_id
            where i.source = $2 and i.external_id > $4 and i.state <> 'retracted' and i.revision <= $3
              and not exists (select from cpf.feed_images l where l.feed_id = $1 and l.image_id = i.image_id)
            order by i.external_id
            limit $5
            """);
        command.CommandTimeout = 0;
        command.Parameters.AddRange(new NpgsqlParameter[] {
            new() { Value = feed.FeedId }, new() { Value = feed.Source }, new() { Value = feed.Revision }, new() { Value = after },
            new() { Value = limit } });
        var images = new List<UnlistedImage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            images.Add(new UnlistedImage(reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2)));
        }

        return images;
    }

    /// <summary>Adds to the feed's count of retracted images, in the transaction of the retractions.</summary>
    /// <exception cref="FeedTakenException">The feed is not running any more.</exception>
    public static async Task AdvanceAsync(NpgsqlConnection connection, long feedId, long retracted, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "update cpf.feeds set retracted = retracted + $2 where feed_id = $1 and state = 'running'", connection)
        {
            Parameters = { new() { Value = feedId }, new() { Value = retracted } },
        };
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new FeedTakenException(feedId);
        }
    }
}
