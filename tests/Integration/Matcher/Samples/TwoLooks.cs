using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>Pictures that two heads see differently.</summary>
internal static class TwoLooks
{
    /// <summary>So many are matched to begin with.</summary>
    public const int Known = 30;

    /// <summary>Six products; the last twelve pictures, two of each, come later.</summary>
    public static readonly (
        long ContentId, Half[] Embedding)[] All = TestContents.Clustered(21, products: 6, each: 7, dimension: 16, noise: 0.12);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Thirty pictures of six products, matched under a model with threshold 0.9.</summary>
    public static async Task<(Catalogue Catalogue, long[] Ids)> MatchedAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = All[..Known];
        await catalogue.EmbedAsync(pictures);
        long[] ids = [.. pictures.Select(p => p.ContentId)];
        await catalogue.ShowAsync(ids);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, Token);
        await matcher.SettleAsync(Token);
        await catalogue.AssertExactAsync();
        return (catalogue, ids);
    }

    /// <summary>Another look at the same picture: half of the values only.</summary>
    public static Half[] Blurred(long id, Half[] embedding)
    {
        var norm = Math.Sqrt(embedding.Take(8).Sum(v => (double)v * (double)v));
        return [.. embedding.Select((v, i) => i < 8 ? (Half)((double)v / norm) : (Half)0)];
    }
}
