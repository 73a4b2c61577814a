using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Intake;

/// <summary>
/// Rows of a feed that say what their images show already. Their pictures are not fetched, and no event is due: one statement raises the
/// revisions of all of them, as if every row had been applied.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ConfirmedRows(NpgsqlDataSource dataSource)
{
    // Live, with the same words, and with nothing newer that failed or waits. Every image is looked up by its id: left a choice, the
    // planner may take a whole table for each batch.
    private const string Same = """
        from unnest($1, $2, $3, $4, $5) with ordinality as t(image_id, uri, product_key, key_scope, revision, position)
        cross join lateral (select * from cpf.images where image_id = t.image_id limit 1) as s
        where s.state = 'stored' and s.uri = t.uri and s.product_key is not distinct from t.product_key
              and s.key_scope = t.key_scope and s.revision <= t.revision and s.failed_reason is null and s.fetched_at >= $6
              and not exists (select from cpf.image_updates u where u.image_id = t.image_id)
        """;

    private const string Find = $"""
        select t.position, s.revision < t.revision, s.fetched_at,
               case when s.uri like 'file:%' then (select c.byte_length from cpf.contents c where c.content_id = s.content_id) end
        {Same}
        """;

    // The second statement sees what the first had to wait for, also in the other table.
    private const string Lock = "select from cpf.images where image_id = any($1) order by image_id for update";

    // What the row says does not change, and neither does the time of its last change: no index has to learn of it.
    private const string Raise = $"""
        update cpf.images i
        set revision = m.revision, applied_revision = m.revision, feed_id = $7
        from (select t.image_id, t.revision {Same} offset 0) as m
        where i.image_id = m.image_id
        returning i.image_id
        """;

    /// <summary>Finds such rows and raises the revisions of their images.</summary>
    /// <param name="feedId">The feed.</param>
    /// <param name="entries">Rows of the feed; those that are refused already are never confirmed.</param>
    /// <param name="ids">The image of each.</param>
    /// <param name="fetchedSince">A picture that was fetched before this time is to be fetched again.</param>
    /// <param name="files">Tells whether a picture in a file is the one that was fetched.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Positions of the rows in <paramref name="entries"/>.</returns>
    public async Task<IReadOnlySet<int>> ConfirmAsync(
        long feedId, IReadOnlyList<ImageEntry> entries, IReadOnlyList<Guid> ids, DateTimeOffset fetchedSince, FileComparison files,
        CancellationToken cancellationToken)
    {
        var candidates = Enumerable.Range(0, entries.Count).Where(i => entries[i].Reason is null).ToArray();
        if (candidates.Length == 0)
        {
            return new HashSet<int>();
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (older, current) = (new List<int>(), new List<int>());
        await connection.Sql(Find, Values(candidates, entries, ids, fetchedSince)).ForEachAsync(
            row =>
            {
                var position = candidates[(int)row.GetInt64(0) - 1];
                if (row.IsDBNull(3) || files.IsSame(entries[position].Uri, row.GetFieldValue<DateTimeOffset>(2), row.GetInt64(3)))
                {
                    (row.GetBoolean(1) ? older : current).Add(position);
                }
            },
            cancellationToken);
        var rowsOf = older.ToLookup(i => ids[i]);
        var newest = rowsOf.Select(image => image.MaxBy(i => entries[i].Revision)).ToArray();
        var raised = newest.Length == 0
            ? []
            : await RaiseAsync(connection, feedId, () => Values(newest, entries, ids, fetchedSince), cancellationToken);
        return raised.SelectMany(imageId => rowsOf[imageId]).Concat(current).ToHashSet();
    }

    private static async Task<List<Guid>> RaiseAsync(
        NpgsqlConnection connection, long feedId, Func<object?[]> values, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryRaiseAsync(connection, feedId, values(), cancellationToken);
            }
            catch (PostgresException e) when (attempt < ImageStore.Attempts && ImageStore.IsRace(e))
            {
                continue;
            }
        }
    }

    private static async Task<List<Guid>> TryRaiseAsync(
        NpgsqlConnection connection, long feedId, object?[] values, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The commit that counts these rows for the feed comes later and makes this one durable as well.
        await connection.Sql("set local synchronous_commit = off").ExecuteAsync(cancellationToken);
        await connection.Sql(Lock, [values[0]]).ExecuteAsync(cancellationToken);
        var raised = await connection.Sql(Raise, [.. values, feedId]).QueryAsync(row => row.GetGuid(0), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return raised;
    }

    private static object?[] Values(
        int[] positions, IReadOnlyList<ImageEntry> entries, IReadOnlyList<Guid> ids, DateTimeOffset fetchedSince) =>
    [
        positions.Select(i => ids[i]).ToArray(),
        positions.Select(i => entries[i].Uri).ToArray(),
        new NpgsqlParameter
        {
            Value = positions.Select(i => entries[i].ProductKey).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        },
        positions.Select(i => entries[i].KeyScope).ToArray(),
        positions.Select(i => entries[i].Revision).ToArray(),
        fetchedSince,
    ];
}
