using CpfPipeline.Data.Models;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Pages.Pictures;
using Npgsql;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Reads pairs as the review pages show them.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class PairStore(NpgsqlDataSource dataSource)
{
    /// <summary>Given pairs; those of which a picture is not stored are left out.</summary>
    public async Task<IReadOnlyList<PairView>> ReadAsync(
        ServingModel model, IReadOnlyList<(long A, long B)> pairs, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        long[] ids = [.. pairs.SelectMany(p => new[] { p.A, p.B }).Distinct()];
        var pictures = (await PictureStore.ReadAsync(connection, ids, PictureStore.ListingsShown, cancellationToken))
            .ToDictionary(p => p.ContentId);
        var likeness = await PictureStore.ReadLikenessAsync(connection, model, ids, cancellationToken);
        var verdicts = await connection.Sql(
            """
            select v.content_a, v.content_b, v.verdict, v.who, v.at
            from unnest($1::bigint[], $2::bigint[]) as p(a, b)
            join cpf.verdicts v on v.content_a = least(p.a, p.b) and v.content_b = greatest(p.a, p.b)
            """, [pairs.Select(p => p.A).ToArray(), pairs.Select(p => p.B).ToArray()]).QueryAsync(
            row => (Ends: (row.GetInt64(0), row.GetInt64(1)), Verdict: new StandingVerdict(
                row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4))), cancellationToken);
        var standing = verdicts.DistinctBy(v => v.Ends).ToDictionary(v => v.Ends, v => v.Verdict);
        return
        [
            .. pairs.Where(p => pictures.ContainsKey(p.A) && pictures.ContainsKey(p.B))
                .Select(p => new PairView(
                    pictures[p.A], pictures[p.B], likeness.Between(p.A, p.B),
                    standing.GetValueOrDefault((Math.Min(p.A, p.B), Math.Max(p.A, p.B))))),
        ];
    }
}
