using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Downloads;

/// <summary>What <c>cpf.feeds</c> says of downloads.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class FeedDownloadStore(NpgsqlDataSource dataSource)
{
    private const string Restart = """
        with listed as (
            delete from cpf.feed_images where feed_id = $1
        ), refused as (
            delete from cpf.feed_rejections where feed_id = $1
        ), waiting as (
            update cpf.fetches set feed_id = null, row_number = null where feed_id = $1
        )
        update cpf.feeds
        set rows_total = null, rows_read = 0, bytes_read = 0, unchanged = 0, stored = 0, rejected = 0, unreadable = 0, duplicates = 0,
            findings = '{}'
        where feed_id = $1
        """;

    /// <summary>Notes that a body comes.</summary>
    public Task BeginAsync(long feedId, long? bytesTotal, CancellationToken cancellationToken) =>
        dataSource.Sql(
            "update cpf.feeds set bytes_total = $2, bytes_downloaded = 0 where feed_id = $1",
            [feedId, new NpgsqlParameter { Value = (object?)bytesTotal ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint }])
            .ExecuteAsync(cancellationToken);

    /// <summary>Notes how much has come.</summary>
    /// <exception cref="FeedTakenException">The feed was cancelled.</exception>
    public async Task TellAsync(long feedId, long bytes, CancellationToken cancellationToken)
    {
        var told = await dataSource.Sql(
            "update cpf.feeds set bytes_downloaded = $2 where feed_id = $1 and state = 'running'", [feedId, bytes])
            .ExecuteAsync(cancellationToken);
        if (told == 0)
        {
            throw new FeedTakenException(feedId);
        }
    }

    /// <summary>Puts the download off, and counts the pause.</summary>
    public Task PostponeAsync(long feedId, int attempts, TimeSpan pause, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            update cpf.feeds set attempts = $2, next_attempt_at = now() + $3, waited = waited + $3 where feed_id = $1 and state = 'running'
            """,
            [feedId, attempts, pause]).ExecuteAsync(cancellationToken);

    /// <summary>
    /// Notes that the body has come. When rows of another body were applied before, the feed is read from its beginning again.
    /// </summary>
    public async Task FinishAsync(long feedId, FeedBody body, string? format, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isOther = await connection.Sql(
            "select rows_total is not null and sha256 is distinct from $2 from cpf.feeds where feed_id = $1 for update",
            [feedId, body.Sha256]).ScalarAsync<bool>(cancellationToken);
        if (isOther)
        {
            await connection.Sql(Restart, [feedId]).ExecuteAsync(cancellationToken);
        }

        await connection.Sql(
            """
            update cpf.feeds
            set sha256 = $2, bytes_total = $3, bytes_downloaded = $3, etag = $4, last_modified = $5, charset = $6,
                format = coalesce($7, format), next_attempt_at = null
            where feed_id = $1
            """,
            [feedId, body.Sha256, body.Bytes, Text(body.ETag), Text(body.LastModified), Text(body.Charset), Text(format)])
            .ExecuteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
