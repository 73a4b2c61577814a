using CpfPipeline.Data.Models;
using CpfPipeline.Data.Schema;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Grouping;

/// <summary>
/// The Matcher dies between any two statements, also right after a commit it never heard of: when its message comes again, the groups are
/// what they are by definition.
/// </summary>
public sealed class FaultInjectionTests(TestDatabases databases)
{
    private const int MaxRoundTrips = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Refresh_DiesAtAnyStatement_TheRedeliveryMakesItExact(Break how)
    {
        await using var world = await World.CreateAsync(databases, new MatcherOptions());
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            var id = world.Ids[round / 2 % world.Ids.Length];
            if (world.Catalogue.ShownBy($"{id}") is not null)
            {
                await world.Catalogue.RetractAsync($"{id}");
            }
            else
            {
                await world.Catalogue.SubmitAsync($"{id}", id);
            }

            await matcher.Updater.RefreshAsync([id, world.Ids[(round + 7) % world.Ids.Length]], Token);
        }, kinds: 4);
        Assert.InRange(broken, 1, MaxRoundTrips - 1);
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Verdict_DiesAtAnyStatement_ItStandsWithItsGroupsOrNotAtAll(Break how)
    {
        await using var world = await World.CreateAsync(databases, new MatcherOptions());
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            var (a, b) = (world.Ids[round % 6], world.Ids[(round % 6) + 6]);

            // Always a change, so that every round has the same round trips.
            var stands = await world.Database.ScalarAsync<bool>(
                "select exists (select from cpf.verdicts where content_a = $1 and content_b = $2)", Math.Min(a, b), Math.Max(a, b));
            var word = stands ? "withdrawn" : round % 2 == 0 ? "same" : "different";
            var intake = new VerdictIntake(matcher.DataSource, new ModelStore(matcher.DataSource), matcher.Updater, (_, _) =>
                Task.CompletedTask);
            await intake.GiveAsync(
                new VerdictRequest(new PictureName("s", $"{a}", null), new PictureName("s", $"{b}", null), word, "tester", null), Token);
        }, recover: async healthy =>
        {
            // The bus delivers what the outbox holds.
            var told = await world.Database.QueryAsync(
                """
                delete from cpf.outbox where type = 'VerdictGiven' returning (payload->>'contentA')::bigint, (payload->>'contentB')::bigint
                """);
            foreach (var row in told)
            {
                await healthy.Updater.RecomputeAsync([(long)row[0]!, (long)row[1]!], Token);
            }

            var rows = await world.Database.QueryAsync("select content_a, content_b, verdict = 'same' from cpf.verdicts");
            world.Catalogue.Believe(rows.Select(r => ((long)r[0]!, (long)r[1]!, (bool)r[2]!)));
        }, kinds: 2);
        Assert.InRange(broken, 2, MaxRoundTrips - 1);
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Reconcile_DiesAtAnyStatement_TheNextOneMakesItExact(Break how)
    {
        // Searches that find nothing, so that there is all to repair. In two steps, the first of which has whole products: what one step
        // loses of them, no other finds.
        await using var world = await World.CreateAsync(databases, new MatcherOptions { ChunkContents = 10 }, blind: true);
        var repaired = 0L;
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            await world.RestartAsync();
            repaired = (await matcher.Reconciler.RunAsync(Token))!.MissedPairs;
        });
        Assert.InRange(broken, 1, MaxRoundTrips - 1);
        Assert.InRange(repaired, 8, 12); // Two pairs a product at least: the third may be together by then.
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Giants_DieAtAnyStatement_TheNextRoundMakesThemExact(Break how)
    {
        // A first one, one in between, a last one.
        await using var world = await World.CreateAsync(databases, new MatcherOptions { MaxOnlineComponent = 2 }, products: 3);
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            await world.RestartAsync();
            while (await matcher.Giants.RunOnceAsync(Token))
            {
            }
        });
        Assert.InRange(broken, 2, MaxRoundTrips - 1);
    }

    /// <summary>A few products of three pictures each, matched.</summary>
    private sealed class World(TestDatabase database, Catalogue catalogue, long[] ids, MatcherOptions options, bool blind)
        : IAsyncDisposable
    {
        public TestDatabase Database => database;

        public Catalogue Catalogue => catalogue;

        public long[] Ids => ids;

        public static async Task<World> CreateAsync(TestDatabases databases, MatcherOptions options, bool blind = false, int products = 4)
        {
            var database = await databases.CreateAsync(Token);
            var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
            var pictures = TestContents.Clustered(8, products, each: 3, dimension: 16);
            await catalogue.EmbedAsync(pictures);
            await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
            var world = new World(database, catalogue, [.. pictures.Select(p => p.ContentId)], options, blind);
            await world.RestartAsync();
            return world;
        }

        /// <summary>Starts with no groups, then receives every message.</summary>
        public async Task RestartAsync()
        {
            await database.ExecuteAsync("truncate cpf.group_members, cpf.groups, cpf.group_merges, cpf.group_events, cpf.matches");
            using var matcher = new MatcherInstance(database.DataSource, options, inner =>
                blind ? new InterposedSearch(inner, missesEverything: true) : inner);
            await matcher.Updater.RefreshAsync(ids, Token);
        }

        /// <summary>
        /// Repeats an action and breaks the connection at a later commit each time, until the action completes. After each break a healthy
        /// Matcher receives the messages that would be redelivered, and groups and events are checked. With CPF_FAULTS=all it breaks at
        /// every round trip.
        /// </summary>
        /// <param name="how">Where the connection breaks.</param>
        /// <param name="action">The action. Its number selects what it does.</param>
        /// <param name="recover">Other work that is repeated after a break.</param>
        /// <param name="kinds">How many different actions are broken at one place.</param>
        /// <returns>How many commits, or round trips, the longest action has.</returns>
        public async Task<int> SweepAsync(
            Break how, Func<MatcherInstance, int, Task> action, Func<MatcherInstance, Task>? recover = null, int kinds = 1)
        {
            await using var faulty = new FaultyPostgres(database.ConnectionString);
            // No pool: a broken connection stays with the process that died.
            await using var source = PostgresDataSource.Create(faulty.ConnectionString, "cpf-faulty");
            await using (await source.OpenConnectionAsync(Token))
            {
                // Npgsql reads the types once: no round trip of the Matcher.
            }

            var all = Environment.GetEnvironmentVariable("CPF_FAULTS") == "all";
            for (var at = 1; at <= MaxRoundTrips; at++)
            {
                var hasBroken = false;
                for (var kind = 0; kind < kinds; kind++)
                {
                    using (var dying = new MatcherInstance(source, options))
                    {
                        faulty.BreakAt(at, how, commitsOnly: !all);
                        try
                        {
                            await action(dying, (at * kinds) + kind);
                        }
                        catch (Exception e) when (e is NpgsqlException or IOException)
                        {
                        }
                    }

                    await RecoverAsync(recover);
                    hasBroken |= faulty.HasBroken;
                }

                if (!hasBroken)
                {
                    return at - 1;
                }
            }

            return MaxRoundTrips;
        }

        private async Task RecoverAsync(Func<MatcherInstance, Task>? recover)
        {
            using var healthy = new MatcherInstance(database.DataSource, options);
            if (recover is not null)
            {
                await recover(healthy);
            }

            await healthy.Updater.RefreshAsync(ids, Token);
            await healthy.SettleAsync(Token);
            await catalogue.AssertExactAsync();
            await catalogue.AssertToldAsync();
        }

        public ValueTask DisposeAsync() => database.DisposeAsync();
    }
}
