using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Placeholders;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Locks;

/// <summary>Whoever writes groups takes the group lock, and takes it before the locks that come after it.</summary>
public sealed class LockOrderTests(TestDatabases databases)
{
    // In the order of the locks. Each fails at once when another transaction holds what it asks for.
    private static readonly string[] LaterLocks =
    [
        "lock table cpf.lock_models in exclusive mode nowait",
        "select from cpf.models order by model_id for no key update nowait",
        "select from cpf.contents order by content_id for update nowait",
        "lock table cpf.lock_matches in exclusive mode nowait",
    ];

    // What writes groups, after what it needs.
    private static readonly Dictionary<string, Func<World, Task<Func<Task>>>> Writers = new()
    {
        ["arrival"] = world => Ready(() => world.Matcher.Updater.RefreshAsync([1, 2], Token)),
        ["verdict"] = world => Ready(() => new VerdictIntake(
            world.Database.DataSource, new ModelStore(world.Database.DataSource), world.Matcher.Updater, Nowhere)
            .GiveAsync(new VerdictRequest(Picture(1), Picture(2), "same", "ann", null), Token)),
        ["placeholder policy"] = world => Ready(() => new PlaceholderIntake(
            world.Database.DataSource, world.Matcher.Updater, world.Matcher.Repair, Nowhere)
            .SetPolicyAsync(new PlaceholderPolicy(5), Token)),
        ["giant component"] = async world =>
        {
            foreach (var id in new long[] { 1, 2, 3 })
            {
                await world.Matcher.Updater.RefreshAsync([id], Token);
            }

            return () => world.Matcher.Giants.RunOnceAsync(Token);
        },
        ["erasure"] = async world =>
        {
            var erasures = new CatalogueErasures(world.Catalogue);
            await erasures.EraseContentAsync(1, ["1"]);
            return erasures.AdvanceAsync;
        },
        ["first groups of a shadow"] = async world =>
        {
            await world.Catalogue.ShadowAsync(0.75, head: 2);
            return () => world.Matcher.Keeper.RunOnceAsync(Token);
        },
        ["activation"] = async world =>
        {
            var shadow = await world.Catalogue.ShadowAsync(0.75, head: 2);
            return () => world.Matcher.Activation.TryAsync(shadow, maxContents: 10, pendingToo: true, Token);
        },
        ["shadow that steps back"] = async world =>
        {
            var shadow = await world.Catalogue.ShadowAsync(0.75, head: 2);
            return () => new ModelTransitions(world.Database.DataSource).StepBackAsync(shadow.ModelId, Token);
        },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> WriterNames() => [.. Writers.Keys];

    [Theory]
    [MemberData(nameof(WriterNames))]
    public async Task Writer_GroupLockIsHeld_WaitsForItAndHoldsNoLaterLock(string writer)
    {
        await using var database = await databases.CreateAsync(Token);
        var catalogue = await Catalogue.CreateAsync(database, 2, 0.75);
        await catalogue.EmbedAsync((1, [(Half)1, (Half)0]), (2, [(Half)1, (Half)0]), (3, [(Half)1, (Half)0]));
        await catalogue.ShowAsync([1, 2, 3]);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions { MaxOnlineComponent = 2 });
        var write = await Writers[writer](new World(database, catalogue, matcher));
        Task writing;
        await using (var holder = await database.DataSource.OpenConnectionAsync(Token))
        await using (var transaction = await holder.BeginTransactionAsync(Token))
        {
            await TransactionLocks.TakeGroupsAsync(holder, Token);
            writing = write();
            await AssertWaitsAsync(database, writing);
            foreach (var sql in LaterLocks)
            {
                await holder.Sql(sql).ExecuteAsync(Token);
            }
        }

        await writing;
    }

    private static async Task AssertWaitsAsync(TestDatabase database, Task writing)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = ShadowSteps.AwaitGroupLockWaitersAsync(database, over.Token);
        var first = await Task.WhenAny(waiting, writing);
        await over.CancelAsync();
        await first;
        Assert.True(first == waiting, "it did not wait for the group lock");
    }

    private static Task<Func<Task>> Ready(Func<Task> write) => Task.FromResult(write);

    private static Task Nowhere(IReadOnlyList<OutboxMessage> messages, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    private static PictureName Picture(long id) => new("s", $"{id}", null);

    private sealed record World(TestDatabase Database, Catalogue Catalogue, MatcherInstance Matcher);
}
