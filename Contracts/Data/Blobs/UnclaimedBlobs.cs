using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Blobs;

/// <summary>Removes blobs without a row. All within the caller's connection and transaction.</summary>
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

    /// <summary>
    /// Removes the blobs among these that no content, backbone or head has, and keeps others from making them contents until the
    /// transaction ends.
    /// </summary>
    /// <param name="connection">Connection with a running transaction.</param>
    /// <param name="sha256s">Hashes of blobs that were not written for a while. Writers of a model's files hold no lock.</param>
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
