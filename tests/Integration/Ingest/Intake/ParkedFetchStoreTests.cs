using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Sql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Intake;

/// <summary>Hosts and sources have their turn, however many rows one of them has.</summary>
public sealed class ParkedFetchStoreTests(TestDatabases databases)
{
    private const int MaxRowsRead = 3_000;
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Claim_ManyRowsOfOneHost_ReadsFewOfThem()
    {
        await using var database = await databases.CreateAsync();
        await AddAsync(database, hosts: 1, rows: 200_000);
        await AddAsync(database, hosts: 50, rows: 1_000);
        await database.ExecuteAsync("analyze cpf.fetches");
        var hosts = Enumerable.Range(1, 50).Select(n => $"host-{n:0000}").ToArray();
        var sources = hosts.Select(_ => "s").ToArray();

        var read = await ReadAsync(database, ParkedFetchStore.Sources, "", 1_000);
        Assert.True(read < MaxRowsRead, $"the sources took {read} rows");
        read = await ReadAsync(database, ParkedFetchStore.Hosts, new[] { "s" }, new[] { "" }, 1_000);
        Assert.True(read < MaxRowsRead, $"the hosts took {read} rows");
        read = await ReadAsync(database, ParkedFetchStore.Claim, sources, hosts, 8, 32, Lease);
        Assert.True(read < MaxRowsRead, $"the claim took {read} rows");
    }

    [Fact]
    public async Task ClaimAsync_SlowHostWithManyRows_TakesEveryHostInTurn()
    {
        await using var database = await databases.CreateAsync();
        await AddAsync(database, hosts: 1, rows: 500);
        await AddAsync(database, hosts: 3, rows: 3);

        var claimed = await new ParkedFetchStore(database.DataSource).ClaimAsync([("host-0003", "s")], 4, 6, Lease, default);

        // Four of the first at most, and none of the one that is closed.
        Assert.Equal(
            [("host-0001", 4), ("host-0002", 1)],
            claimed.GroupBy(c => new Uri(c.Entry.Uri).Host).Select(g => (g.Key, g.Count())).Order());
        Assert.Equal(5, claimed.Count);
    }

    [Fact]
    public async Task ClaimAsync_MoreHostsThanHaveATurnAtOnce_AllComeToTheirs()
    {
        await using var database = await databases.CreateAsync();
        await AddAsync(database, hosts: 2_500, rows: 2_500);
        var store = new ParkedFetchStore(database.DataSource);
        var claimed = 0;
        for (var claim = 0; claim < 3; claim++)
        {
            claimed += (await store.ClaimAsync([], 8, 10_000, Lease, default)).Count;
        }

        Assert.Equal(2_500, claimed);
    }

    private static Task AddAsync(TestDatabase database, int hosts, int rows) => database.ExecuteAsync(
        """
        insert into cpf.fetches (image_id, source, external_id, uri, host, key_scope, revision, attempts, reason, due_at)
        select gen_random_uuid(), 's', n::text, 'http://' || host || '/' || n, host, 'source', 1, 1, 'fetch_failed', now() - interval '1 s'
        from (select n, 'host-' || to_char(1 + n % $1, 'FM0000') as host from generate_series(1, $2) n) r
        """, hosts, rows);

    private static async Task<double> ReadAsync(TestDatabase database, string statement, params object[] values)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        return RowsRead.InPlan(
            await connection.Sql($"explain (analyze, timing off, format json) {statement}", values).ScalarAsync<string>(default));
    }
}
