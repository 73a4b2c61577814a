using CpfPipeline.Data.Embeddings;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Embeddings;

public sealed class EmbeddingIndexStoreTests(TestDatabases databases)
{
    // Writes down under which settings an index is built.
    private const string Watch = """
        create table public.built (memory text, workers text);
        create function public.note_build() returns event_trigger language plpgsql as $$
        begin
            insert into public.built values (current_setting('maintenance_work_mem'), current_setting('max_parallel_maintenance_workers'));
        end $$;
        create event trigger note_build on ddl_command_end when tag in ('CREATE INDEX') execute function public.note_build();
        """;

    // Shared memory that cannot be had.
    private const string Refuse = """
        create function public.refuse_sharing() returns event_trigger language plpgsql as $$
        begin
            if current_setting('max_parallel_maintenance_workers') <> '0' then
                raise exception 'could not resize shared memory segment' using errcode = 'disk_full';
            end if;
        end $$;
        create event trigger refuse_sharing on ddl_command_end when tag in ('CREATE INDEX') execute function public.refuse_sharing();
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2_048, "65MB")]
    [InlineData(64, "64MB")]
    public async Task CreateAsync_TakesTheMemoryThatTheRowsNeed_UpToWhatIsAllowed(int allowed, string taken)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await CatalogueAsync(database);
        await database.ExecuteAsync(Watch);
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);
        var before = await database.ScalarAsync<string>("select current_setting('maintenance_work_mem')");

        Assert.Equal(65, await EmbeddingIndexStore.ReadMegabytesAsync(connection, catalogue.Model.HeadId, Token));
        Assert.True(await EmbeddingIndexStore.CreateAsync(connection, catalogue.Model.HeadId, allowed, Token));
        Assert.False(await EmbeddingIndexStore.CreateAsync(connection, catalogue.Model.HeadId, allowed, Token));

        Assert.Equal(taken, await database.ScalarAsync<string>("select string_agg(memory, ' ') from public.built"));
        Assert.Equal(before, await database.ScalarAsync<string>("select current_setting('maintenance_work_mem')"));
    }

    [Fact]
    public async Task ReadMegabytesAsync_GrowsWithRowsAndTheirLength()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await CatalogueAsync(database);
        await catalogue.EmbedAsync([.. Enumerable.Range(10, 3_000).Select(i => ((long)i, Row()))]);
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);

        // 3,001 rows of 904 bytes and more.
        Assert.Equal(64 + 3, await EmbeddingIndexStore.ReadMegabytesAsync(connection, catalogue.Model.HeadId, Token));
    }

    [Fact]
    public async Task CreateAsync_WithoutSharedMemory_BuildsInOneProcess()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await CatalogueAsync(database);
        await database.ExecuteAsync(Watch + Refuse);
        await using var connection = await database.DataSource.OpenConnectionAsync(Token);

        Assert.True(await EmbeddingIndexStore.CreateAsync(connection, catalogue.Model.HeadId, 2_048, Token));

        Assert.Equal("0", await database.ScalarAsync<string>("select string_agg(workers, ' ') from public.built"));
        Assert.True(await EmbeddingIndexStore.ExistsAsync(connection, catalogue.Model.HeadId, Token));
    }

    private static async Task<Catalogue> CatalogueAsync(TestDatabase database)
    {
        var catalogue = await Catalogue.CreateAsync(database, 2, .9);
        await catalogue.EmbedAsync((1, Row()));
        return catalogue;
    }

    private static Half[] Row() => [(Half)1, (Half)0];
}
