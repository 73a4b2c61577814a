using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Search;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Matcher.Tiles;

/// <summary>Plans of joins: the tables <c>cpf.joins</c> and <c>cpf.join_blocks</c>.</summary>
internal static class JoinStore
{
    private const string Select = """
        select j.join_id, j.model_id, m.head_id, h.embedding_dim, m.threshold, j.pairs_kept, j.nearest_kept, j.nearest_floor, j.contents,
               j.block_contents, j.range_blocks, j.verdict_a, j.verdict_b, j.verdict_same
        from cpf.joins j
        join cpf.models m using (model_id)
        join cpf.heads  h using (head_id)
        where m.state = 'shadow' and
        """;

    private const string Insert = """
        insert into cpf.joins (model_id, contents, block_contents, range_blocks, pairs_kept, nearest_kept, nearest_floor, verdict_a,
                               verdict_b, verdict_same)
        select p.model_id, $2, $3, $4, $5, $6, $7, $8, $9, $10
        from cpf.model_preparations p
        join cpf.models m using (model_id)
        where p.model_id = $1 and m.state = 'shadow'
        returning join_id
        """;

    private const string InsertTiles =
        "insert into cpf.join_tiles (join_id, tile, block) select $1, t, t % $2 from generate_series(0, $3 - 1) as t";

    /// <summary>The join that is planned for a model, if there is one.</summary>
    public static Task<PlannedJoin?> FindAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken) =>
        connection.Sql(Select + " j.model_id = $1", [modelId]).FirstOrDefaultAsync(Read, cancellationToken);

    /// <summary>A join by its number. Null when it is not wanted any more, or cannot be computed.</summary>
    public static Task<PlannedJoin?> ReadAsync(NpgsqlConnection connection, long joinId, CancellationToken cancellationToken) =>
        connection.Sql(Select + " j.join_id = $1 and j.fault is null", [joinId]).FirstOrDefaultAsync(Read, cancellationToken);

    /// <summary>Whether a join is still wanted.</summary>
    public static Task<bool> IsWantedAsync(NpgsqlConnection connection, long joinId, CancellationToken cancellationToken) =>
        connection.Sql("select exists (select from cpf.joins where join_id = $1 and fault is null)", [joinId])
            .ScalarAsync<bool>(cancellationToken);

    /// <summary>Writes a plan with its tiles, in the caller's transaction.</summary>
    /// <param name="connection">Connection with a running transaction.</param>
    /// <param name="model">The shadow model.</param>
    /// <param name="contentIds">The contents, rising.</param>
    /// <param name="verdicts">All verdicts, as of the same moment.</param>
    /// <param name="rules">What is looked for.</param>
    /// <param name="plan">How it is cut.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when the groups of the model are not wanted any more.</returns>
    public static async Task<PlannedJoin?> AddAsync(
        NpgsqlConnection connection, ServingModel model, long[] contentIds, VerdictSet verdicts, JoinRules rules, TilePlan plan,
        CancellationToken cancellationToken)
    {
        var joinId = await connection.Sql(
            Insert,
            [
                model.ModelId, plan.Contents, plan.BlockContents, plan.RangeBlocks, rules.PairsKept, rules.NearestKept, rules.NearestFloor,
                verdicts.All.Select(v => v.ContentA).ToArray(), verdicts.All.Select(v => v.ContentB).ToArray(),
                verdicts.All.Select(v => v.Same).ToArray(),
            ]).ScalarAsync<long?>(cancellationToken);
        if (joinId is not { } id)
        {
            return null;
        }

        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy cpf.join_blocks (join_id, block, content_ids) from stdin (format binary)", cancellationToken))
        {
            copy.Timeout = TimeSpan.Zero;
            for (var block = 0; block < plan.Blocks; block++)
            {
                var (first, count) = plan.PositionsOf(block, 1);
                await copy.StartRowAsync(cancellationToken);
                await copy.WriteAsync(id, NpgsqlDbType.Bigint, cancellationToken);
                await copy.WriteAsync(block, NpgsqlDbType.Integer, cancellationToken);
                await copy.WriteAsync(contentIds[first..(first + count)], NpgsqlDbType.Array | NpgsqlDbType.Bigint, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }

        await connection.Sql(InsertTiles, [id, plan.Blocks, plan.Tiles]).WithoutTimeout().ExecuteAsync(cancellationToken);
        return new PlannedJoin(id, model.ModelId, model.HeadId, model.EmbeddingDim, rules, plan, verdicts);
    }

    /// <summary>The contents of some blocks that follow each other, by position; -1: erased since.</summary>
    public static async Task<long[]> ReadIdsAsync(
        NpgsqlConnection connection, PlannedJoin join, int firstBlock, int blocks, CancellationToken cancellationToken)
    {
        var ids = new List<long>(join.Plan.PositionsOf(firstBlock, blocks).Count);
        await connection.Sql(
            "select content_ids from cpf.join_blocks where join_id = $1 and block >= $2 and block < $3 order by block",
            [join.JoinId, firstBlock, firstBlock + blocks])
            .WithoutTimeout().ForEachAsync(row => ids.AddRange(row.GetFieldValue<long[]>(0)), cancellationToken);
        return [.. ids];
    }

    /// <summary>The contents at given positions, without keeping the others in memory; -1: erased since.</summary>
    public static async Task<Dictionary<int, long>> ReadIdsAsync(
        NpgsqlConnection connection, PlannedJoin join, IReadOnlyCollection<int> positions, CancellationToken cancellationToken)
    {
        var byBlock = positions.ToLookup(position => position / join.Plan.BlockContents);
        var ids = new Dictionary<int, long>(positions.Count);
        await connection.Sql(
            "select block, content_ids from cpf.join_blocks where join_id = $1 and block = any($2) order by block",
            [join.JoinId, byBlock.Select(b => b.Key).ToArray()])
            .WithoutTimeout().ForEachAsync(
                row =>
                {
                    var (block, contentIds) = (row.GetInt32(0), row.GetFieldValue<long[]>(1));
                    foreach (var position in byBlock[block])
                    {
                        ids[position] = contentIds[position - (block * join.Plan.BlockContents)];
                    }
                }, cancellationToken);
        return ids;
    }

    /// <summary>
    /// What tiles found so far to keep of a block, null when there is nothing yet. Keeps others from writing of the block until the
    /// caller's transaction ends.
    /// </summary>
    public static async Task<byte[]?> LockKeptAsync(
        NpgsqlConnection connection, long joinId, int block, CancellationToken cancellationToken) =>
        await connection.Sql("select kept from cpf.join_blocks where join_id = $1 and block = $2 for update", [joinId, block])
            .WithoutTimeout().FirstOrDefaultAsync(row => row.IsDBNull(0) ? null! : row.GetFieldValue<byte[]>(0), cancellationToken);

    /// <summary>Keeps others from writing of a block until the caller's transaction ends.</summary>
    public static Task LockBlockAsync(NpgsqlConnection connection, long joinId, int block, CancellationToken cancellationToken) =>
        connection.Sql("select from cpf.join_blocks where join_id = $1 and block = $2 for update", [joinId, block])
            .WithoutTimeout().ExecuteAsync(cancellationToken);

    /// <summary>Writes what is to be kept of a block so far.</summary>
    public static Task WriteKeptAsync(
        NpgsqlConnection connection, long joinId, int block, byte[]? kept, CancellationToken cancellationToken) =>
        connection.Sql("update cpf.join_blocks set kept = $3 where join_id = $1 and block = $2", [joinId, block, kept])
            .WithoutTimeout().ExecuteAsync(cancellationToken);

    /// <summary>The contents of a join that were stored after it was planned: they went and came back, and tiles may lack them.</summary>
    public static async Task<HashSet<long>> ReadReturnedAsync(
        NpgsqlConnection connection, long joinId, CancellationToken cancellationToken) =>
        [.. await connection.Sql(
            "select c.content_id from cpf.contents c join cpf.joins j on j.join_id = $1 where c.created_at >= j.planned_at", [joinId])
            .WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken)];

    /// <summary>Those of some contents that are not there any more.</summary>
    public static async Task<HashSet<long>> ReadGoneAsync(
        NpgsqlConnection connection, long[] contentIds, CancellationToken cancellationToken) =>
        [.. await connection.Sql(
            """
            select t.id
            from unnest($1::bigint[]) as t(id)
            left join cpf.contents c on c.content_id = t.id and c.state = 'stored'
            where c.content_id is null
            """, [contentIds])
            .WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken)];

    /// <summary>Tells whoever waits for the join that no tile of it can be computed.</summary>
    public static Task FailAsync(NpgsqlConnection connection, long joinId, string fault, CancellationToken cancellationToken) =>
        connection.Sql("update cpf.joins set fault = $2 where join_id = $1", [joinId, fault]).ExecuteAsync(cancellationToken);

    /// <summary>Removes the join of a model.</summary>
    public static Task DeleteAsync(NpgsqlConnection connection, long modelId, CancellationToken cancellationToken) =>
        connection.Sql("delete from cpf.joins where model_id = $1", [modelId]).WithoutTimeout().ExecuteAsync(cancellationToken);

    private static PlannedJoin Read(NpgsqlDataReader row)
    {
        var (a, b, same) = (row.GetFieldValue<long[]>(11), row.GetFieldValue<long[]>(12), row.GetFieldValue<bool[]>(13));
        return new PlannedJoin(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3),
            new JoinRules(row.GetDouble(4), row.GetInt32(5), row.GetInt32(6), row.GetDouble(7)),
            new TilePlan(row.GetInt32(8), row.GetInt32(9), row.GetInt32(10)),
            new VerdictSet([.. a.Select((_, i) => new Verdict(a[i], b[i], same[i]))]));
    }
}
