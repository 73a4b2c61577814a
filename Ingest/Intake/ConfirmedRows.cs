using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Fetching;
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
    // Live, with the same words, and with nothing newer that failed or waits.
    private const string SaysTheSame = """
        i.image_id = t.image_id and i.state = 'stored' and i.uri = t.uri and i.product_key is not distinct from t.product_key
              and i.key_scope = t.key_scope and i.revision <= t.revision and i.failed_reason is null and i.fetched_at >= $6
              and not exists (select from cpf.image_updates u where u.image_id = i.image_id)
        """;

    private const string Find = $"""
        select t.position, i.revision < t.revision, i.fetched_at, c.byte_length
        from unnest($1, $2, $3, $4, $5) with ordinality as t(image_id, uri, product_key, key_scope, revision, position)
        join cpf.images i on {SaysTheSame}
        join cpf.contents c on c.content_id = i.content_id
        """;

    // The second statement sees what the first had to wait for, also in the other table.
    private const string Lock = "select from cpf.images where image_id = any($1) order by image_id for update";

    private const string Raise = $"""
        update cpf.images i
        set revision = t.revision, applied_revision = t.revision, feed_id = $7, updated_at = now()
        from unnest($1, $2, $3, $4, $5) as t(image_id, uri, product_key, key_scope, revision)
        where {SaysTheSame}
        returning i.image_id
        """;

    /// <summary>Finds such rows and raises the revisions of their images.</summary>
    /// <param name="feedId">The feed.</param>
    /// <param name="entries">Rows of the feed; those that are refused already are never confirmed.</param>
    /// <param name="fetchedSince">A picture that was fetched before this time is to be fetched again.</param>
    /// <param name="isSameFile">Whether a file, by its URI and folder, has that length and was not written since that time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Positions of the rows in <paramref name="entries"/>.</returns>
    public async Task<IReadOnlySet<int>> ConfirmAsync(
        long feedId, IReadOnlyList<ImageEntry> entries, DateTimeOffset fetchedSince,
        Func<ImageEntry, DateTimeOffset, long, bool> isSameFile, CancellationToken cancellationToken)
    {
        var candidates = Enumerable.Range(0, entries.Count).Where(i => entries[i].Reason is null).ToArray();
        if (candidates.Length == 0)
        {
            return new HashSet<int>();
        }

        var ids = candidates.ToDictionary(i => i, i => entries[i].ImageId);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var found = await connection.Sql(Find, Values(candidates, entries, ids, fetchedSince)).QueryAsync(
            row => (Position: candidates[(int)row.GetInt64(0) - 1], IsOlder: row.GetBoolean(1),
                FetchedAt: row.GetFieldValue<DateTimeOffset>(2), Bytes: row.GetInt64(3)), cancellationToken);
        var same = found.Where(f => !ImageUri.IsFile(entries[f.Position].Uri)
            || isSameFile(entries[f.Position], f.FetchedAt, f.Bytes)).ToArray();
        var confirmed = same.Where(f => !f.IsOlder).Select(f => f.Position).ToHashSet();
        var older = same.Where(f => f.IsOlder).Select(f => f.Position).ToLookup(i => ids[i]);
        var newest = older.Select(image => image.MaxBy(i => entries[i].Revision)).ToArray();
        var raised = await RaiseAsync(connection, feedId, Values(newest, entries, ids, fetchedSince), cancellationToken);
        confirmed.UnionWith(raised.SelectMany(imageId => older[imageId]));
        return confirmed;
    }

    private static async Task<List<Guid>> RaiseAsync(
        NpgsqlConnection connection, long feedId, object?[] values, CancellationToken cancellationToken)
    {
        if (values[0] is Guid[] { Length: 0 })
        {
            return [];
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The commit that counts these rows for the feed comes later and makes this one durable as well.
        await connection.Sql("set local synchronous_commit = off").ExecuteAsync(cancellationToken);
        await connection.Sql(Lock, [values[0]]).ExecuteAsync(cancellationToken);
        var raised = await connection.Sql(Raise, [.. values, feedId]).QueryAsync(row => row.GetGuid(0), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return raised;
    }

    private static object?[] Values(
        int[] positions, IReadOnlyList<ImageEntry> entries, Dictionary<int, Guid> ids, DateTimeOffset fetchedSince) =>
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
