using CpfPipeline.Cli.Progress;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Progress;

public sealed class ImageProgressStoreTests(TestDatabases databases)
{
    [Fact]
    public async Task ReadAsync_ImagesInEveryState_CountsThoseThatWait()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        var store = new ImageProgressStore(database.DataSource);
        await catalogue.StoreAsync("shop", "a", 1);
        await catalogue.StoreAsync("shop", "b", 2);
        await catalogue.StoreAsync("shop", "b again", 2);
        await catalogue.StoreAsync("shop", "c", 3);
        await catalogue.ReceiveAsync("shop", "d");
        await catalogue.RejectAsync("shop", "e", "empty");
        await catalogue.StoreAsync("elsewhere", "f", 4);
        Assert.Equal(new ImageProgress(5, 5, 0, 0), await store.ReadAsync(["shop"], CancellationToken.None)); // no model yet

        await catalogue.ActivateModelAsync();
        await catalogue.GroupAsync(1, pending: false, reconciled: true, 1);
        await catalogue.GroupAsync(2, pending: true, reconciled: false, 2);

        Assert.Equal(new ImageProgress(5, 2, 2, 2), await store.ReadAsync(["shop"], CancellationToken.None));
        Assert.Equal(new ImageProgress(6, 3, 2, 2), await store.ReadAsync(["shop", "elsewhere"], CancellationToken.None));
        Assert.Equal(new ImageProgress(6, 3, 2, 2), await store.ReadAsync(null, CancellationToken.None));
    }

    [Fact]
    public async Task ReadAsync_Placeholder_IsNotWaitedFor()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("shop", "a", 1);
        await catalogue.StoreAsync("shop", "b", 1);
        await catalogue.StoreAsync("shop", "c", 2);
        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values (1, true)");

        Assert.Equal(
            new ImageProgress(3, 1, 0, 0), await new ImageProgressStore(database.DataSource).ReadAsync(["shop"], CancellationToken.None));
    }

    [Fact]
    public async Task ReadAsync_PlaceholderOfManyImages_IsNotWaitedFor()
    {
        await using var database = await databases.CreateAsync();
        var catalogue = new Catalogue(database);
        await catalogue.ActivateModelAsync();
        await catalogue.StoreAsync("shop", "logo", 1);
        await database.ExecuteAsync("""
            insert into cpf.images (image_id, source, external_id, uri, state, content_id, revision)
            select gen_random_uuid(), 'shop', 'logo ' || n, 'file:///x', 'stored', 1, 1 from generate_series(1, 20001) as n
            """);
        await database.ExecuteAsync("insert into cpf.placeholder_overrides (content_id, is_placeholder) values (1, true)");

        Assert.Equal(new ImageProgress(20_002, 0, 0, 0), await new ImageProgressStore(database.DataSource)
            .ReadAsync(["shop"], CancellationToken.None));
    }
}
