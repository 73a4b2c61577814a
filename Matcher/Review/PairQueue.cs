using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>The pairs that wait for an answer. What is read is bounded, whatever the size of the catalogue.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class PairQueue(NpgsqlDataSource dataSource)
{
    /// <summary>Pairs in sight: the open ones nearest to the threshold.</summary>
    public const int PairsInSight = 200;

    // Pairs that follow from verdicts are passed over, so many at most.
    private const int MaxPairsRead = 20_000;
    private const int PairsPerCheck = 128;
    private const int ListingsRead = 20;

    /// <summary>
    /// The open pairs nearest to the active model's threshold, at most <see cref="PairsInSight"/>, in the order in which they are asked.
    /// </summary>
    /// <param name="model">The active model.</param>
    /// <param name="who">The reviewer, whose unsure answers are left out.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<ReviewPair>> ReadAsync(ServingModel model, string who, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        QueueSide[] sides = [new(connection, model, who, above: true), new(connection, model, who, above: false)];
        var open = new List<ReviewPair>();
        var read = 0;
        while (open.Count < PairsInSight && read < MaxPairsRead)
        {
            var next = await NearestAsync(sides, model.Threshold, PairsPerCheck, cancellationToken);
            if (next.Count == 0)
            {
                break;
            }

            read += next.Count;
            var settled = new SettledPairs(await VerdictStore.ReadClosureAsync(
                connection, [.. next.SelectMany(p => new[] { p.ContentA, p.ContentB }).Distinct()], cancellationToken));
            open.AddRange(next.Where(p => !settled.Contains(p.ContentA, p.ContentB)));
        }

        var seen = open.Take(PairsInSight).ToList();
        var listings = await ReadListingsAsync(connection, seen, cancellationToken);
        return PairOrder.Sort(
            seen.Select(p => (p, PairRanks.Of([.. listings[p.ContentA]], [.. listings[p.ContentB]]))), model.Threshold);
    }

    private static async Task<List<ReviewPair>> NearestAsync(
        QueueSide[] sides, double threshold, int count, CancellationToken cancellationToken)
    {
        var pairs = new List<ReviewPair>();
        while (pairs.Count < count)
        {
            var (above, below) = (await sides[0].PeekAsync(cancellationToken), await sides[1].PeekAsync(cancellationToken));
            if ((above ?? below) is null)
            {
                break;
            }

            var isAbove = below is null || (above is not null && Compare(above, below, threshold) < 0);
            pairs.Add((isAbove ? above : below)!);
            sides[isAbove ? 0 : 1].Take();
        }

        return pairs;
    }

    private static int Compare(ReviewPair x, ReviewPair y, double threshold) =>
        (x.Distance(threshold), x.ContentA, x.ContentB).CompareTo((y.Distance(threshold), y.ContentA, y.ContentB));

    private static async Task<ILookup<long, ListingKey>> ReadListingsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<ReviewPair> pairs, CancellationToken cancellationToken)
    {
        var rows = await connection.Sql(
            """
            select c.content_id, i.source, i.product_key, i.key_scope
            from unnest($1::bigint[]) as c(content_id)
            cross join lateral (
                select i.source, i.product_key, i.key_scope from cpf.images i
                where i.content_id = c.content_id and i.state = 'stored'
                order by i.source, i.external_id limit $2) as i
            """, [pairs.SelectMany(p => new[] { p.ContentA, p.ContentB }).Distinct().ToArray(), ListingsRead])
            .QueryAsync(
                row => (Id: row.GetInt64(0), Key: new ListingKey(row.GetString(1), row.GetStringOrNull(2), row.GetString(3))),
                cancellationToken);
        return rows.ToLookup(r => r.Id, r => r.Key);
    }
}
