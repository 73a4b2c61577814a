using CpfPipeline.Cli.Groups;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Groups;

public sealed class GroupReaderTests(TestDatabases databases)
{
    [Fact]
    public async Task ReadAsync_Groups_AreOrderedByIdAndMembersByOrdinal()
    {
        await using var database = await databases.CreateAsync();
        var reader = await FillAsync(database);

        var rows = await reader.ReadAsync(null, CancellationToken.None).ToListAsync();

        Assert.Equal(
            ["2 a/B", "2 a/b", "2 b/A", "5 a/e", "5 c/f", "7 c/g", "7 c/h"],
            rows.Select(r => $"{r.GroupId} {r.Source}/{r.ExternalId}"));
        Assert.Equal(Convert.ToHexStringLower(Catalogue.Hash(2)), rows[0].Sha256);
        Assert.Equal("key", rows[2].ProductKey);
        Assert.Null(rows[0].ProductKey);
    }

    [Fact]
    public async Task ReadAsync_OneSource_GivesWholeGroupsThatHoldIt()
    {
        await using var database = await databases.CreateAsync();
        var reader = await FillAsync(database);

        var rows = await reader.ReadAsync("c", CancellationToken.None).ToListAsync();

        Assert.Equal(["a/e", "c/f", "c/g", "c/h"], rows.Select(r => $"{r.Source}/{r.ExternalId}"));
    }

    [Fact]
    public async Task ReadLargestAsync_Limit_GivesTheLargestAndTheTotals()
    {
        await using var database = await databases.CreateAsync();
        var reader = await FillAsync(database);

        var largest = await reader.ReadLargestAsync(null, 2, CancellationToken.None);

        Assert.Equal((3, 7), (largest.Groups, largest.Images));
        Assert.Equal([(2, 3), (5, 2)], largest.Largest.Select(g => (g[0].GroupId, g.Count)));
        Assert.Equal((2, 4), await Totals(reader, "c"));
    }

    [Fact]
    public async Task ReadAsync_MedoidKnown_GivesExactSimilaritiesToIt()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("a", "computed", 2);
        await catalogue.StoreAsync("a", "copy", 3);
        await catalogue.StoreAsync("a", "kept", 4);
        await catalogue.StoreAsync("a", "medoid", 3);
        await catalogue.EmbedAsync(2, "[0.6,0.8,0,0]");
        await catalogue.EmbedAsync(3, "[0,1,0,0]");
        await catalogue.KeepPairAsync(3, 4, 1.00007); // Halves are of nearly unit length.
        await catalogue.GroupAsync(2, false, true, 2, 3, 4);
        await catalogue.CenterAsync(2, 3, medoid: 3);

        var rows = await new GroupReader(database.DataSource).ReadAsync(null, CancellationToken.None).ToListAsync();
        var largest = await new GroupReader(database.DataSource).ReadLargestAsync(null, 1, CancellationToken.None);

        Assert.Equal([(double)(Half)0.8, 1, 1, 1], rows.Select(r => r.MedoidSimilarity));
        Assert.All(rows, r => Assert.Equal("file:///x", r.Uri));
        Assert.Equal(rows, largest.Largest.Single());
    }

    private static async Task<(long, long)> Totals(GroupReader reader, string source)
    {
        var largest = await reader.ReadLargestAsync(source, 10, CancellationToken.None);
        return (largest.Groups, largest.Images);
    }

    // Three groups of two images or more (one of them of one content), and an image alone.
    private static async Task<GroupReader> FillAsync(TestDatabase database)
    {
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("c", "h", 7);
        await catalogue.StoreAsync("c", "g", 7);
        await catalogue.StoreAsync("b", "A", 4, "key");
        await catalogue.StoreAsync("a", "b", 3);
        await catalogue.StoreAsync("a", "B", 2);
        await catalogue.StoreAsync("a", "e", 5);
        await catalogue.StoreAsync("c", "f", 6);
        await catalogue.StoreAsync("a", "alone", 9);
        await catalogue.GroupAsync(2, false, true, 2, 3, 4);
        await catalogue.GroupAsync(5, false, true, 5, 6);
        await catalogue.GroupAsync(7, false, true, 7);
        await catalogue.GroupAsync(9, false, true, 9);
        return new GroupReader(database.DataSource);
    }
}
