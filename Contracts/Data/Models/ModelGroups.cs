using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Models;

/// <summary>
/// Takes away the groups of a model that does not serve, a part at a time and without a lock. All at once, a million rows would hold up
/// whoever waits for a lock or for these rows, for tens of seconds.
/// </summary>
public static class ModelGroups
{
    private const int Part = 50_000;
    private static readonly string[] Tables = ["group_members", "groups", "group_merges", "model_stale"];

    /// <summary>Deletes the groups, outside of a transaction. What is deleted when it is cancelled stays deleted.</summary>
    /// <param name="connection">Connection without a transaction.</param>
    /// <param name="modelId">The model.</param>
    /// <param name="states">States in which its groups are not wanted; in another one nothing more is deleted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task DeleteAsync(
        NpgsqlConnection connection, long modelId, IReadOnlyCollection<string> states, CancellationToken cancellationToken)
    {
        foreach (var table in Tables)
        {
            var delete = $"""
                delete from cpf.{table}
                where ctid = any(array(
                    select t.ctid from cpf.{table} t
                    where t.model_id = $1 and exists (select from cpf.models m where m.model_id = $1 and m.state = any($2))
                    limit $3))
                """;
            int deleted;
            do
            {
                deleted = await connection.Sql(delete, [modelId, states.ToArray(), Part]).WithoutTimeout().ExecuteAsync(cancellationToken);
            }
            while (deleted == Part);
        }
    }
}
