using CpfPipeline.Data.Models;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>What tests of a handover do again and again.</summary>
internal static class ShadowSteps
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>A Matcher that has not looked yet looks at the shadow, until it has its groups and they know everything.</summary>
    /// <param name="database">The database.</param>
    /// <param name="options">The Matcher's.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="tileSeed">Null: all messages of joins arrive once.</param>
    public static async Task CatchUpAsync(
        TestDatabase database, MatcherOptions options, CancellationToken cancellationToken, int? tileSeed = null)
    {
        for (var looks = 0; looks == 0 || !await database.ScalarAsync<bool>(
            "select not exists (select from cpf.model_preparations where grouped_at is null)"); looks++)
        {
            await LookAsync(database, options, cancellationToken, tileSeed);
        }

        await LookAsync(database, options, cancellationToken);
    }

    /// <summary>The Matcher is asked for the activation until the shadow is active.</summary>
    public static async Task ActivateAsync(
        Catalogue catalogue, ServingModel shadow, MatcherOptions options, CancellationToken cancellationToken)
    {
        await catalogue.WishAsync(shadow);
        var start = TimeProvider.System.GetTimestamp();
        while (await catalogue.Database.ScalarAsync<bool>("select exists (select from cpf.model_preparations)"))
        {
            // One that died may hold its lock until the server notices.
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "the shadow does not become active");
            await LookAsync(catalogue.Database, options, cancellationToken);
        }

        await catalogue.FollowAsync();
        Assert.Equal(shadow.ModelId, catalogue.Model.ModelId);
    }

    /// <summary>Awaits a condition of the database.</summary>
    public static async Task AwaitAsync(TestDatabase database, string condition, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await database.ScalarAsync<bool>(condition))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, condition);
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>
    /// Waits until some transactions wait for the group lock of this database. The test databases are copies of one template, so their
    /// tables have equal ids in the lock table of the server.
    /// </summary>
    public static Task AwaitGroupLockWaitersAsync(TestDatabase database, CancellationToken cancellationToken, int count = 1) =>
        AwaitAsync(
            database,
            $"""
            select count(*) = {count} from pg_locks
            where relation = 'cpf.lock_groups'::regclass and waitstart is not null
              and database = (select oid from pg_database where datname = current_database())
            """,
            cancellationToken);

    private static async Task LookAsync(
        TestDatabase database, MatcherOptions options, CancellationToken cancellationToken, int? tileSeed = null)
    {
        using var matcher = new MatcherInstance(database.DataSource, options, tileSeed: tileSeed);
        await matcher.Keeper.RunOnceAsync(cancellationToken);
        await matcher.Tiles.BringLateAsync(cancellationToken);
    }
}
