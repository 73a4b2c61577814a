using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Submissions;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Intake;

/// <summary>
/// Submissions that were accepted and of which the image's own row says nothing, because it is live, rejected or retracted
/// (<c>cpf.submissions</c>). Their commands are in the broker, which is in no backup.
/// </summary>
internal static class WaitingSubmissions
{
    private const string Add = """
        insert into cpf.submissions (image_id, uri, product_key, key_scope, revision)
        select image_id, uri, product_key, key_scope, revision
        from unnest($1, $2, $3, $4, $5) as t(image_id, uri, product_key, key_scope, revision)
        """;

    private const string End = """
        delete from cpf.submissions s
        using unnest($1, $2, $3) as t(image_id, uri, revision)
        where s.image_id = t.image_id and s.revision = t.revision and s.uri = t.uri
        """;

    // Taking it would change nothing. One of the same revision may: an image that was rejected is asked for again so.
    private const string EndOutdated = """
        delete from cpf.submissions s
        using cpf.images i
        where i.image_id = s.image_id
          and s.revision < greatest(case when i.state <> 'received' then i.revision end, i.applied_revision, i.failed_revision)
        """;

    private const string EndOld = "delete from cpf.submissions where submitted_at < $1";

    /// <summary>Notes them in the transaction that accepts them and sends their commands.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ImageEntry> entries, CancellationToken cancellationToken)
    {
        if (entries.Count > 0)
        {
            await connection.Sql(Add, [
                entries.Select(e => e.ImageId).ToArray(), entries.Select(e => e.Uri).ToArray(),
                new NpgsqlParameter
                {
                    Value = entries.Select(e => e.ProductKey).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
                entries.Select(e => e.KeyScope).ToArray(), entries.Select(e => e.Revision).ToArray(),
            ]).ExecuteAsync(cancellationToken);
        }
    }

    /// <summary>Forgets those that are taken, in the transaction that applies or parks them.</summary>
    public static Task EndAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ImageEntry> entries, CancellationToken cancellationToken) =>
        connection.Sql(End, [
            entries.Select(e => e.ImageId).ToArray(), entries.Select(e => e.Uri).ToArray(), entries.Select(e => e.Revision).ToArray(),
        ]).ExecuteAsync(cancellationToken);

    /// <summary>
    /// Forgets those that nothing will take any more, because their commands were purged, or a newer revision made them void in a queue of
    /// failed messages that nobody replays.
    /// </summary>
    /// <param name="dataSource">The process's data source.</param>
    /// <param name="before">Older ones are given up.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many a newer revision made void, and how many were given up.</returns>
    public static async Task<(int Outdated, int GivenUp)> SweepAsync(
        NpgsqlDataSource dataSource, DateTimeOffset before, CancellationToken cancellationToken) =>
    (
        await dataSource.Sql(EndOutdated).WithoutTimeout().ExecuteAsync(cancellationToken),
        await dataSource.Sql(EndOld, [before]).WithoutTimeout().ExecuteAsync(cancellationToken));
}
