using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Stores;

/// <summary>
/// The table <c>cpf.model_stale</c>: contents whose verdicts changed since the groups of a shadow or retired model were computed.
/// </summary>
internal static class ModelStaleStore
{
    /// <summary>
    /// Contents whose verdicts changed since the model's groups were last computed there, with the positions of the marks; the oldest
    /// first.
    /// </summary>
    public static Task<List<(long ContentId, long Seq)>> ReadAsync(
        NpgsqlConnection connection, long modelId, int limit, CancellationToken cancellationToken) =>
        connection.Sql("select content_id, seq from cpf.model_stale where model_id = $1 order by seq limit $2", [modelId, limit])
            .QueryAsync(row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken);

    /// <summary>Deletes marks that were read, in the transaction that computed afresh what they stand for.</summary>
    public static Task DeleteAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> seqs, CancellationToken cancellationToken) =>
        connection.Sql("delete from cpf.model_stale where model_id = $1 and seq = any($2)", [modelId, seqs.ToArray()])
            .ExecuteAsync(cancellationToken);

    /// <summary>
    /// Replaces all marks of a model, in a transaction that holds the group lock. Contents that are not there any more are left out.
    /// </summary>
    public static async Task ReplaceAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await connection.Sql("delete from cpf.model_stale where model_id = $1", [modelId]).ExecuteAsync(cancellationToken);
        await connection.Sql(
            """
            insert into cpf.model_stale (model_id, content_id)
            select $1, c.content_id from cpf.contents c where c.content_id = any($2)
            """, [modelId, contentIds.ToArray()]).ExecuteAsync(cancellationToken);
    }
}
