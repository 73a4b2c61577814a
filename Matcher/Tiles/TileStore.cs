using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>The tiles of joins: the table <c>cpf.join_tiles</c>.</summary>
internal static class TileStore
{
    private const string State = """
        select count(t.done_at)::integer, (count(*) filter (where t.sent = 0))::integer,
               (count(distinct t.joiner) filter (where t.done_at > now() - interval '5 minutes'))::integer,
               coalesce(percentile_disc(0.5) within group (order by t.milliseconds), 0), j.fault
        from cpf.joins j
        left join cpf.join_tiles t using (join_id)
        where j.join_id = $1
        group by j.join_id
        """;

    private const string TakeUnsent = """
        update cpf.join_tiles set sent = 1
        where join_id = $1 and tile = any(array(select tile from cpf.join_tiles where join_id = $1 and sent = 0 order by tile limit $2))
        returning tile
        """;

    private const string TakeOpen = """
        update cpf.join_tiles set sent = sent + 1
        where join_id = $1 and tile = any(array(
            select tile from cpf.join_tiles where join_id = $1 and done_at is null and sent > 0 order by tile limit $2))
        returning tile, sent
        """;

    private const string Write = """
        update cpf.join_tiles set done_at = statement_timestamp(), joiner = $3, milliseconds = $4, edges = $5
        where join_id = $1 and tile = $2 and done_at is null
        """;

    /// <summary>How far a join is; null when it is gone.</summary>
    public static Task<JoinState?> ReadStateAsync(NpgsqlConnection connection, long joinId, CancellationToken cancellationToken) =>
        connection.Sql(State, [joinId]).WithoutTimeout().FirstOrDefaultAsync(
            row => new JoinState(
                row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), TimeSpan.FromMilliseconds(row.GetInt32(3)), row.GetStringOrNull(4)),
            cancellationToken);

    /// <summary>Whether messages of tiles wait to be published.</summary>
    public static Task<bool> AreUnpublishedAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.Sql("select exists (select from cpf.outbox where type = 'JoinTile')").ScalarAsync<bool>(cancellationToken);

    /// <summary>Marks tiles that were not sent yet as sent, in the caller's transaction.</summary>
    /// <returns>The tiles, rising.</returns>
    public static async Task<int[]> TakeUnsentAsync(
        NpgsqlConnection connection, long joinId, int limit, CancellationToken cancellationToken) =>
        [.. (await connection.Sql(TakeUnsent, [joinId, limit]).QueryAsync(row => row.GetInt32(0), cancellationToken)).Order()];

    /// <summary>Counts another sending of tiles that were sent and are not written, in the caller's transaction.</summary>
    /// <returns>The tiles, rising, and how often each was sent with this time.</returns>
    public static async Task<(int Tile, int Sent)[]> TakeOpenAsync(
        NpgsqlConnection connection, long joinId, int limit, CancellationToken cancellationToken) =>
        [.. (await connection.Sql(TakeOpen, [joinId, limit])
            .QueryAsync(row => (Tile: row.GetInt32(0), Sent: row.GetInt32(1)), cancellationToken)).OrderBy(t => t.Tile)];

    /// <summary>Whether a tile has to be computed.</summary>
    public static Task<bool> IsOpenAsync(NpgsqlConnection connection, long joinId, int tile, CancellationToken cancellationToken) =>
        connection.Sql(
            "select exists (select from cpf.join_tiles where join_id = $1 and tile = $2 and done_at is null)", [joinId, tile])
            .ScalarAsync<bool>(cancellationToken);

    /// <summary>Whether any tile of a block but this one is not written yet.</summary>
    public static Task<bool> AreOthersOpenAsync(
        NpgsqlConnection connection, long joinId, int block, int tile, CancellationToken cancellationToken) =>
        connection.Sql(
            "select exists (select from cpf.join_tiles where join_id = $1 and block = $2 and tile <> $3 and done_at is null)",
            [joinId, block, tile]).ScalarAsync<bool>(cancellationToken);

    /// <summary>Writes a tile.</summary>
    /// <returns>False when it is written already, or the join is gone.</returns>
    public static async Task<bool> WriteAsync(
        NpgsqlConnection connection, long joinId, int tile, string joiner, TimeSpan took, byte[] edges,
        CancellationToken cancellationToken) =>
        await connection.Sql(Write, [joinId, tile, joiner, (int)took.TotalMilliseconds, edges])
            .WithoutTimeout().ExecuteAsync(cancellationToken) == 1;

    /// <summary>Hands over the edges of a join whose tiles are all written, as pairs of positions.</summary>
    public static Task ReadEdgesAsync(
        NpgsqlConnection connection, long joinId, Action<int, int> edge, CancellationToken cancellationToken) =>
        connection.Sql("select edges from cpf.join_tiles where join_id = $1 order by tile", [joinId]).WithoutTimeout().ForEachAsync(
            row =>
            {
                foreach (var (a, b) in TileResult.ReadEdges(row.GetFieldValue<byte[]>(0)))
                {
                    edge(a, b);
                }
            }, cancellationToken);
}
