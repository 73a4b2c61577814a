using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Locks;

/// <summary>
/// Holds rows of <c>cpf.contents</c>, so that what is written of a content is written before its erasure or not at all. Erasure takes them
/// for itself alone.
/// </summary>
public static class ContentLocks
{
    /// <summary>Holds the rows of contents to the end of the caller's transaction, shared with others that write of them.</summary>
    /// <returns>Those of them that are stored.</returns>
    public static async Task<HashSet<long>> ShareAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        var held = await connection.Sql(
            "select content_id, state = 'stored' from cpf.contents where content_id = any($1) order by content_id for share",
            [contentIds.ToArray()])
            .QueryAsync(row => (Id: row.GetInt64(0), IsStored: row.GetBoolean(1)), cancellationToken);
        return [.. held.Where(c => c.IsStored).Select(c => c.Id)];
    }

    /// <summary>Takes the row of a content for the caller's transaction alone.</summary>
    /// <returns>SHA-256 of its bytes; null when there is no such content.</returns>
    public static Task<byte[]?> TakeAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken) =>
        connection.Sql("select sha256 from cpf.contents where content_id = $1 for update", [contentId])
            .WithoutTimeout().ScalarAsync<byte[]?>(cancellationToken);
}
