using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Schema;
using CpfPipeline.Matcher;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Locks;

/// <summary>What serialises the pipeline belongs to the pipeline.</summary>
public sealed class TransactionLocksTests(TestDatabases databases)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pipeline_ReaderTakesEveryLockItCan_GoesOn()
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1, 2]);
        await using var reader = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await reader.BeginTransactionAsync(Token);
        await ExecuteAsync(reader, "set local role cpf_reader");
        foreach (var key in new[] { "groups", "models", "matches", "training", "reconcile", "giants", "handover", "feed.s",
            "partition.embeddings_h1" })
        {
            await ExecuteAsync(reader, $"select pg_advisory_lock(hashtextextended('cpf.{key}', 0))");
        }

        await ExecuteAsync(reader, $"select pg_advisory_lock({0x637066_6d6967})");
        foreach (var name in await RelationsAsync(reader))
        {
            Assert.True(await IsAllowedAsync(reader, $"lock table cpf.{name} in access share mode") == await IsAllowedAsync(
                reader, $"select from cpf.{name} limit 1"), name);
            foreach (var sql in new[] { $"lock table cpf.{name} in row share mode", $"select from cpf.{name} for key share",
                $"update cpf.{name} set name = null" })
            {
                Assert.False(await IsAllowedAsync(reader, sql), sql);
            }
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([1, 2], patience.Token);
        await matcher.SettleAsync(patience.Token);
        await catalogue.ActivateAsync(0.8, head: 2).WaitAsync(patience.Token);
        await using (var lease = await TrainingRunLease.TryTakeAsync(database.DataSource, patience.Token))
        await using (var feed = await new DueFeeds(database.DataSource).TryLeaseAsync("s", patience.Token))
        {
            Assert.NotNull(lease);
            Assert.NotNull(feed);
        }

        await new Migrator(database.ConnectionString).MigrateAsync(patience.Token);
        Assert.Equal(1L, await database.ScalarAsync<long>("select count(distinct group_id) from cpf.group_members"));
    }

    [Fact]
    public async Task LockWaits_OneSessionWaits_NamesTheHolder()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = PostgresDataSource.Create(database.ConnectionString, "cpf-matcher");
        await using var holder = await database.DataSource.OpenConnectionAsync(Token);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await TransactionLocks.TakeGroupsAsync(holder, Token);
        await using var waiter = await matcher.OpenConnectionAsync(Token);
        await using var waiting = await waiter.BeginTransactionAsync(Token);
        var wait = TransactionLocks.TakeGroupsAsync(waiter, Token);
        await ShadowSteps.AwaitGroupLockWaitersAsync(database, Token);

        var told = Assert.Single(await LockWaits.ReadAsync(database.DataSource, TimeSpan.Zero, Token));
        Assert.Equal(("lock_groups", "cpf-matcher", holder.ProcessID, "cpf-test"), (told.Lock, told.Waiter, told.HolderPid, told.Holder));
        Assert.Empty(await LockWaits.ReadAsync(database.DataSource, Patience, Token));

        await transaction.RollbackAsync(Token);
        await wait;
        Assert.Empty(await LockWaits.ReadAsync(database.DataSource, TimeSpan.Zero, Token));
    }

    private static async Task<List<string>> RelationsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "select relname::text from pg_class where relnamespace = 'cpf'::regnamespace and relkind in ('r', 'p', 'v') order by 1",
            connection);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var names = new List<string>();
        while (await reader.ReadAsync(Token))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task<bool> IsAllowedAsync(NpgsqlConnection connection, string sql)
    {
        await ExecuteAsync(connection, "savepoint before");
        try
        {
            await ExecuteAsync(connection, sql);
            return true;
        }
        catch (PostgresException)
        {
            await ExecuteAsync(connection, "rollback to savepoint before");
            return false;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // Text of this test.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Token);
    }
}
