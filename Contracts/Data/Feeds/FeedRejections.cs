using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Data.Feeds;

/// <summary>The rows of <c>cpf.feed_rejections</c>.</summary>
internal static class FeedRejections
{
    private const long MaxKeptOfFormerFeeds = 10_000;

    /// <summary>Adds rejected rows in the caller's transaction.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, long feedId, IReadOnlyCollection<FeedRejection> rejections, CancellationToken cancellationToken)
    {
        if (rejections.Count == 0)
        {
            return;
        }

        await connection.Sql(
            """
            insert into cpf.feed_rejections (feed_id, row_number, external_id, reason, detail)
            select $1, row_number, external_id, reason, detail
            from unnest($2, $3, $4, $5) as t(row_number, external_id, reason, detail)
            on conflict do nothing
            """, [
                feedId, rejections.Select(r => r.RowNumber).ToArray(), rejections.Select(r => r.ExternalId).ToArray(),
                rejections.Select(r => r.Reason).ToArray(),
                new NpgsqlParameter
                {
                    Value = rejections.Select(r => r.Detail).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
            ])
            .ExecuteAsync(cancellationToken);
    }

    /// <summary>Of former feeds of the feed's source that ended more than an hour ago only the first rejected rows are kept.</summary>
    public static Task TrimFormerAsync(NpgsqlDataSource dataSource, long feedId, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            delete from cpf.feed_rejections r
            using cpf.feeds f
            join cpf.feeds former on former.source = f.source and former.feed_id < f.feed_id and former.rejected > $2
                 and former.finished_at < now() - interval '1 h'
            where f.feed_id = $1 and r.feed_id = former.feed_id
              and r.row_number > (
                  select k.row_number from cpf.feed_rejections k
                  where k.feed_id = former.feed_id order by k.row_number offset $2 - 1 limit 1)
            """, [feedId, MaxKeptOfFormerFeeds]).WithoutTimeout().ExecuteAsync(cancellationToken);
}
