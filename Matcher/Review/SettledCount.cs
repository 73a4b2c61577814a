using CpfPipeline.Data.Sql;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>Counts the pairs of the queue that an answer settles besides its own.</summary>
internal static class SettledCount
{
    /// <summary>Pairs are counted up to this.</summary>
    public const int Max = 1_000;

    // Of a larger closure only the smallest ids are looked at, and of the blocks the first.
    private const int MaxSide = 500;
    private const int MaxBlocks = 50;

    /// <summary>
    /// The kept pairs of live contents that follow from an answer and did not before. Reads in the caller's transaction, which has written
    /// the answer.
    /// </summary>
    public static async Task<int> ReadAsync(
        NpgsqlConnection connection, long headId, long modelId, Verdict answer, CancellationToken cancellationToken)
    {
        var tied = Ends(await VerdictStore.ReadClosureAsync(connection, [answer.ContentA, answer.ContentB], cancellationToken));
        var around = Ends(await VerdictStore.ReadTouchingAsync(
            connection, [.. tied.Append(answer.ContentA).Append(answer.ContentB).Distinct()], cancellationToken));
        var standing = await VerdictStore.ReadClosureAsync(connection, around, cancellationToken);
        var before = standing.Where(v => (v.ContentA, v.ContentB) != (answer.ContentA, answer.ContentB)).ToList();
        var count = 0;
        foreach (var (left, right) in NewlySettled.Of(before, answer).Take(MaxBlocks))
        {
            count += await CountAsync(connection, headId, modelId, answer, left, right, Max - count, cancellationToken);
            if (count >= Max)
            {
                break;
            }
        }

        return count;
    }

    private static async Task<int> CountAsync(
        NpgsqlConnection connection, long headId, long modelId, Verdict answer, IReadOnlyList<long> left, IReadOnlyList<long> right,
        int limit, CancellationToken cancellationToken) =>
        await connection.Sql(
            """
            select count(*)::integer
            from (
                select from (
                    select m.content_a, m.content_b
                    from unnest($2::bigint[]) as l(id)
                    join cpf.matches m on m.head_id = $1 and m.content_a = l.id and m.content_b = any($3)
                    union all
                    select m.content_a, m.content_b
                    from unnest($3::bigint[]) as r(id)
                    join cpf.matches m on m.head_id = $1 and m.content_a = r.id and m.content_b = any($2)) as p
                where (p.content_a, p.content_b) <> ($4, $5)
                  and exists (select from cpf.group_members g where g.model_id = $6 and g.content_id = p.content_a)
                  and exists (select from cpf.group_members g where g.model_id = $6 and g.content_id = p.content_b)
                limit $7) as counted
            """,
            [headId, left.Take(MaxSide).ToArray(), right.Take(MaxSide).ToArray(), answer.ContentA, answer.ContentB, modelId, limit])
            .ScalarAsync<int>(cancellationToken);

    private static long[] Ends(IEnumerable<Verdict> verdicts) =>
        [.. verdicts.SelectMany(v => new[] { v.ContentA, v.ContentB }).Distinct()];
}
