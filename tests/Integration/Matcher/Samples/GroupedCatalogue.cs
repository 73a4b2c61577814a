using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>A catalogue of groups of two to six pictures, all grouped.</summary>
internal static class GroupedCatalogue
{
    /// <summary>Fills a database.</summary>
    public static async Task<Catalogue> CreateAsync(TestDatabase database, int products)
    {
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(5, products, each: 6, dimension: 16)
            .Select((p, i) => (p, i))
            .Where(x => x.i / products < 2 + (x.i % products % 5)).Select(x => x.p).ToArray();
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        using var instance = new MatcherInstance(database.DataSource, new MatcherOptions());
        await instance.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], TestContext.Current.CancellationToken);
        return catalogue;
    }
}
