using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Blobs;

/// <summary>
/// Removes blobs without a row. A bucket may take minutes, and whoever stores the same bytes waits meanwhile: so rows of a few are held
/// at a time.
/// </summary>
public static class UnclaimedBlobs
{
    // A row is inserted and removed here. A submission of the same bytes waits for it until the blob is gone, then finds no blob and writes
    // it.
    private const string Claim = """
        insert into cpf.contents (content_id, sha256, format, width, height, byte_length, state)
        select content_id, sha256, 'unknown', 0, 0, 0, 'erased'
        from unnest($1, $2) as t(content_id, sha256)
        where not exists (select from cpf.backbones b where b.sha256 = t.sha256)
          and not exists (select from cpf.heads h where h.sha256 = t.sha256)
        order by content_id
        on conflict do nothing
        returning content_id, sha256
        """;

    private const string Find = """
        select sha256
        from unnest($1) with ordinality as t(sha256, n)
        where not exists (select from cpf.contents  c where c.sha256 = t.sha256)
          and not exists (select from cpf.backbones b where b.sha256 = t.sha256)
          and not exists (select from cpf.heads     h where h.sha256 = t.sha256)
        order by n
        """;

    /// <summary>
    /// Removes the blobs among these that no content, backbone or head has, a few in each of several transactions that keep others from
    /// making them contents.
    /// </summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="sha256s">Hashes of blobs that were not written for a while. Writers of a model's files hold no lock.</param>
    /// <param name="deleteBlob">Deletes a blob.</param>
    /// <param name="cancellationToken">Cancels; some blobs may be gone.</param>
    /// <returns>How many were removed.</returns>
    public static async Task<int> SweepAsync(
        NpgsqlDataSource dataSource, IReadOnlyCollection<byte[]> sha256s, Func<byte[], CancellationToken, Task> deleteBlob,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var unclaimed = await connection.Sql(Find, [sha256s.ToArray()]).QueryAsync(row => row.GetFieldValue<byte[]>(0), cancellationToken);
        var removed = 0;
        foreach (var few in unclaimed.Chunk(BlobDeletions.AtOnce))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            removed += await SweepAsync(connection, few, deleteBlob, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return removed;
    }

    /// <summary>
    /// Removes the blobs among these that no content, backbone or head has, and keeps others from making them contents until the
    /// transaction ends.
    /// </summary>
    /// <param name="connection">Connection with a running transaction.</param>
    /// <param name="sha256s">Hashes of a few blobs, at most <see cref="BlobDeletions.AtOnce"/>.</param>
    /// <param name="deleteBlob">Deletes a blob.</param>
    /// <param name="cancellationToken">Cancels; some blobs may be gone.</param>
    /// <returns>How many were removed.</returns>
    public static async Task<int> SweepAsync(
        NpgsqlConnection connection, IReadOnlyCollection<byte[]> sha256s, Func<byte[], CancellationToken, Task> deleteBlob,
        CancellationToken cancellationToken)
    {
        var claimed = await connection.Sql(Claim, [sha256s.Select(s => ContentId.FromSha256(s)).ToArray(), sha256s.ToArray()])
            .QueryAsync(row => (Id: row.GetInt64(0), Sha256: row.GetFieldValue<byte[]>(1)), cancellationToken);
        await BlobDeletions.RunAsync(claimed.Select(c => c.Sha256), deleteBlob, cancellationToken);
        await connection.Sql("delete from cpf.contents where content_id = any($1)", [claimed.Select(c => c.Id).ToArray()])
            .ExecuteAsync(cancellationToken);
        return claimed.Count;
    }
}
