using CpfPipeline.Ingest.Intake;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Intake;

/// <summary>Whose slow fetch is tried next.</summary>
public sealed class FetchTurnTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ClaimAsync_SellerWithManyHosts_LeavesOthersTheirTurn()
    {
        await using var database = await databases.CreateAsync(Token);
        await ParkAsync(database, "many", hosts: 500, each: 2);
        await ParkAsync(database, "one", hosts: 1, each: 20);
        var store = new ParkedFetchStore(database.DataSource);

        var first = await ClaimAsync(4);
        Assert.Equal(["many", "many", "one", "one"], first.Order());

        // The host's own limit holds, and what it leaves goes to the other.
        var second = await ClaimAsync(30);
        Assert.Equal(8, second.Count(s => s == "one"));
        Assert.Equal(22, second.Count(s => s == "many"));

        async Task<IEnumerable<string>> ClaimAsync(int limit) =>
            (await store.ClaimAsync([], 8, limit, TimeSpan.FromMinutes(1), Token)).Select(f => f.Entry.Source).ToList();
    }

    private static Task ParkAsync(TestDatabase database, string source, int hosts, int each) => database.ExecuteAsync(
        """
        insert into cpf.fetches (image_id, source, external_id, uri, host, key_scope, revision, attempts, due_at, reason)
        select gen_random_uuid(), $1, h || '-' || i, 'http://example.org:' || h || '/' || i, 'example.org:' || h, 'source', 1, 1,
               now() - interval '1 minute', 'fetch_timeout'
        from generate_series(1, $2) h, generate_series(1, $3) i
        """, source, hosts, each);
}
