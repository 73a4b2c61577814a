using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>The tiles of joins: the table <c>cpf.join_tiles</c>.</summary>
internal static class TileStore
{
    private const string State = """
        select count(t.done_at)::integer, (count(distinct t.joiner) filter (where t.done_at > now() - interval '5 minutes'))::integer,
               coalesce(max(t.milliseconds), 0), j.fault
        from cpf.joins j
        left join cpf.join_tiles t using (join_id)
        where j.join_id = $1
        group by j.join_id
        """;

    // Who writes the last tile of a block merges what is kept of all of them. Two that write at once must not both believe that the other
    // one is not done yet.
    private const string LockBlock = "select from cpf.join_tiles where join_id = $1 and block = $2 order by tile for update";

    private const string Write = """
        update cpf.join_tiles
        set done_at = statement_timestamp(), joiner = $3, milliseconds = $4, edges = $5, kept = $6
        where join_id = $1 and tile = $2 and done_at is null
        """;

    /// <summary>How far a join is; null when it is gone.</summary>
    public static Task<JoinState?> ReadStateAsync(NpgsqlConnection connection, long joinId, CancellationToken cancellationToken) =>
        connection.Sql(State, [joinId]).FirstOrDefaultAsync(
            row => new JoinState(row.GetInt32(0), row.GetInt32(1), TimeSpan.FromMilliseconds(row.GetInt32(2)), row.GetStringOrNull(3)),
            cancellationToken);

    /// <summary>Whether a tile has to be computed.</summary>
    public static Task<bool> IsOpenAsync(NpgsqlConnection connection, long joinId, int tile, CancellationToken cancellationToken) =>
        connection.Sql(
            "select exists (select from cpf.join_tiles where join_id = $1 and tile = $2 and done_at is null)", [joinId, tile])
            .ScalarAsync<bool>(cancellationToken);

    /// <summary>The tiles that are not written yet, rising.</summary>
    public static Task<List<int>> ReadOpenAsync(NpgsqlConnection connection, long joinId, CancellationToken cancellationToken) =>
        connection.Sql("select tile from cpf.join_tiles where join_id = $1 and done_at is null order by tile", [joinId])
            .QueryAsync(row => row.GetInt32(0), cancellationToken);

    /// <summary>Keeps others from writing tiles of a block until the caller's transaction ends.</summary>
    public static Task LockBlockAsync(NpgsqlConnection connection, long joinId, int block, CancellationToken cancellationToken) =>
        connection.Sql(LockBlock, [joinId, block]).WithoutTimeout().ExecuteAsync(cancellationToken);

    /// <summary>Writes a tile in the caller's transaction.</summary>
    /// <returns>False when it is written already, or the join is gone.</returns>
    public static async Task<bool> WriteAsync(
        NpgsqlConnection connection, long joinId, int tile, string joiner, TimeSpan took, byte[] edges, byte[]? kept,
        CancellationToken cancellationToken) =>
        await connection.Sql(Write, [joinId, tile, joiner, (int)took.TotalMilliseconds, edges, kept])
            .WithoutTimeout().ExecuteAsync(cancellationToken) == 1;

    /// <summary>Hands over what is kept of a block, tile after tile, when all of its tiles are written, and removes it.</summary>
    /// <returns>False when a tile of the block is missing.</returns>
    public static async Task<bool> TakeKeptAsync(
        NpgsqlConnection connection, long joinId, int block, Action<byte[]> take, CancellationToken cancellationToken)
    {
        if (await connection.Sql(
            "select exists (select from cpf.join_tiles where join_id = $1 and block = $2 and done_at is null)", [joinId, block])
            .ScalarAsync<bool>(cancellationToken))
        {
            return false;
        }

        await connection.Sql("select kept from cpf.join_tiles where join_id = $1 and block = $2 order by tile", [joinId, block])
            .WithoutTimeout().ForEachAsync(row => take(row.GetFieldValue<byte[]>(0)), cancellationToken);
        await connection.Sql("update cpf.join_tiles set kept = null where join_id = $1 and block = $2", [joinId, block])
            .WithoutTimeout().ExecuteAsync(cancellationToken);
        return true;
    }

    /// <summary>Hands over the edges of a join whose tiles are all written, as pairs of positions.</summary>
    public static Task ReadEdgesAsync(
        NpgsqlConnection connection, long joinId, Action<int, int> edge, CancellationToken cancellationToken) =>
        connection.Sql("select edges from cpf.join_tiles where join_id = $1 order by tile", [joinId])
            .WithoutTimeout().ForEachAsync(
                row =>
                {
                    foreach (var (a, b) in TileResult.ReadEdges(row.GetFieldValue<byte[]>(0)))
                    {
                        edge(a, b);
                    }
                }, cancellationToken);
}
