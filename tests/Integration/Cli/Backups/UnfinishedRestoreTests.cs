using CpfPipeline.Cli.Backups;
using CpfPipeline.Cli.Status;
using CpfPipeline.Data.Outages;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Backups;

/// <summary>A restore that was interrupted keeps services away from the database, also those that no checkout knows of.</summary>
public sealed class UnfinishedRestoreTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restore_InterruptedAfterTheRows_LetsNoServiceConnectUntilItIsFinished()
    {
        await using var world = await BackedUpWorld.StartAsync(databases);
        await world.Harness.ShowAsync("shoe", 1);
        var backup = (await world.Session().RunAsync(mayShrink: false, keep: 1, Token)).Manifest;
        var (database, target) = await world.NewTargetAsync(withKey: true);
        await using var restored = database;
        await using var service = PostgresDataSource.Create(database.ConnectionString, "cpf-ingest");
        await using var before = await service.OpenConnectionAsync(Token); // It waits for the schema.

        var interrupted = new RestoreSession(target, world.Folder, (step, said) =>
        {
            if ((step, said) == ("database", "schema and statistics"))
            {
                throw new OperationCanceledException("Ctrl+C");
            }
        });
        await Assert.ThrowsAsync<OperationCanceledException>(() => interrupted.RunAsync(backup, null, false, Token));

        Assert.Equal(1L, await database.ScalarAsync<long>("select count(*) from cpf.images"));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => before.Sql("select 1").ExecuteAsync(Token));
        var refused = await Assert.ThrowsAsync<UnfinishedRestoreException>(async () => await service.OpenConnectionAsync(Token));
        Assert.Throws<UnfinishedRestoreException>(() => service.OpenConnection());
        Assert.Contains(backup.Id, refused.Message, StringComparison.Ordinal);
        Assert.True(Outage.IsCertain(refused));
        await Assert.ThrowsAsync<UnfinishedRestoreException>(() => PipelineCounts.ReadAsync(database.ConnectionString, Token));

        File.Delete(target.Unfinished); // It is done again from another checkout.
        await new RestoreSession(target, world.Folder, (_, _) => { }).RunAsync(backup, null, false, Token);

        await using var after = await service.OpenConnectionAsync(Token);
        Assert.Equal(1L, await after.Sql("select count(*) from cpf.images").ScalarAsync<long>(Token));
        Assert.Equal(1L, (await PipelineCounts.ReadAsync(database.ConnectionString, Token)).Contents);
    }
}
