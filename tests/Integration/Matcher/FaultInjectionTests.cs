using CpfPipeline.Data;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher;

/// <summary>
/// The Matcher dies between any two statements, also right after a commit it never heard of: when its message comes again, the groups are what they are by
/// definition.
/// </summary>
public sealed class FaultInjectionTests(TestDatabases databases)
{
    private const int MostRoundTrips = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Refresh_DiesAtAnyStatement_TheRedeliveryMakesItExact(Break how)
    {
        await using var world = await World.CreateAsync(databases, new MatcherOptions());
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            var id = world.Ids[round % world.Ids.Length];
            if (round % 3 == 0)
            {
                await world.Catalogue.RetractAsync($"{id}");
            }
            else
            {
                await world.Catalogue.SubmitAsync($"{id}", id);
            }

            await matcher.Updater.RefreshAsync([id, world.Ids[(round + 7) % world.Ids.Length]], Token);
        });
        Assert.InRange(broken, 8, MostRoundTrips - 1);
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
            var intake = new VerdictIntake(matcher.DataSource, new ModelStore(matcher.DataSource), matcher.Updater, (_, _) => Task.CompletedTask);
            await intake.GiveAsync(new VerdictRequest(new PictureName("s", $"{a}", null), new PictureName("s", $"{b}", null), word, "tester", null), Token);
        }, recover: async healthy =>
        {
            // What the outbox tells, the bus brings.
            var told = await world.Database.QueryAsync("delete from cpf.outbox where type = 'VerdictGiven' returning (payload->>'contentA')::bigint, (payload->>'contentB')::bigint");
            foreach (var row in told)
            {
                await healthy.Updater.RecomputeAsync([(long)row[0]!, (long)row[1]!], Token);
            }

            var rows = await world.Database.QueryAsync("select content_a, content_b, verdict = 'same' from cpf.verdicts");
            world.Catalogue.Believe(rows.Select(r => ((long)r[0]!, (long)r[1]!, (bool)r[2]!)));
        });
        Assert.InRange(broken, 12, MostRoundTrips - 1);
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Reconcile_DiesAtAnyStatement_TheNextOneMakesItExact(Break how)
    {
        // Searches that find next to nothing, so that there is much to repair.
        var options = new MatcherOptions { Search = SearchMode.Index, IndexNeighbours = 1, IndexCandidates = 1, ChunkContents = 5 };
        await using var world = await World.CreateAsync(databases, options, indexed: true);
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            await world.RestartAsync();
            await matcher.Reconciler.RunAsync(Token);
        });
        Assert.InRange(broken, 8, MostRoundTrips - 1);
    }

    [Theory]
    [InlineData(Break.BeforeTheStatement)]
    [InlineData(Break.AfterTheStatement)]
    public async Task Giants_DieAtAnyStatement_TheNextRoundMakesThemExact(Break how)
    {
        await using var world = await World.CreateAsync(databases, new MatcherOptions { MaxOnlineComponent = 2 });
        var broken = await world.SweepAsync(how, async (matcher, round) =>
        {
            await world.RestartAsync();
            while (await matcher.Giants.RunOnceAsync(Token))
            {
            }
        });
        Assert.InRange(broken, 6, MostRoundTrips - 1);
    }

    /// <summary>A few products of three pictures each, matched.</summary>
    private sealed class World(TestDatabase database, Catalogue catalogue, long[] ids, MatcherOptions options) : IAsyncDisposable
    {
        public TestDatabase Database => database;

        public Catalogue Catalogue => catalogue;

        public long[] Ids => ids;

        public static async Task<World> CreateAsync(TestDatabases databases, MatcherOptions options, bool indexed = false)
        {
            var database = await databases.CreateAsync(Token);
            var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
            var pictures = Pictures.Clustered(8, products: 6, each: 3, dimension: 16);
            await catalogue.EmbedAsync(pictures);
            await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
            if (indexed)
            {
                await database.ExecuteAsync("select cpf.create_embedding_index($1)", catalogue.Model.HeadId);
            }

            var world = new World(database, catalogue, [.. pictures.Select(p => p.ContentId)], options);
            await world.RestartAsync();
            return world;
        }

        /// <summary>As if nothing had been matched before, then told of everything.</summary>
        public async Task RestartAsync()
        {
            await database.ExecuteAsync("truncate cpf.group_members, cpf.groups, cpf.group_merges, cpf.group_events, cpf.matches");
            using var matcher = new MatcherInstance(database.DataSource, options);
            await matcher.Updater.RefreshAsync(ids, Token);
        }

        /// <summary>
        /// Runs an action again and again, breaking the connection at a later and later round trip, until it gets through; each time what would come
        /// again comes again, by a healthy Matcher, and the groups are checked. Every 23rd round trip, from another one for each way to break;
        /// every one with CPF_FAULTS=all.
        /// </summary>
        /// <returns>How many round trips the action has.</returns>
        public async Task<int> SweepAsync(Break how, Func<MatcherInstance, int, Task> action, Func<MatcherInstance, Task>? recover = null)
        {
            await using var faulty = new FaultyPostgres(database.ConnectionString);
            var step = Environment.GetEnvironmentVariable("CPF_FAULTS") == "all" ? 1 : 23;
            for (var at = how == Break.BeforeTheStatement ? 5 : 12; at <= MostRoundTrips; at += step)
            {
                await using (var source = PostgresDataSource.Create(faulty.ConnectionString, "cpf-faulty"))
                using (var dying = new MatcherInstance(source, options))
                {
                    faulty.BreakAt(at, how);
                    try
                    {
                        await action(dying, at);
                    }
                    catch (Exception e) when (e is NpgsqlException or IOException)
                    {
                    }
                }

                using (var healthy = new MatcherInstance(database.DataSource, options))
                {
                    if (recover is not null)
                    {
                        await recover(healthy);
                    }

                    await healthy.Updater.RefreshAsync(ids, Token);
                    await healthy.SettleAsync(Token);
                    await catalogue.AssertExactAsync();
                }

                if (!faulty.HasBroken)
                {
                    return at - 1;
                }
            }

            return MostRoundTrips;
        }

        public ValueTask DisposeAsync() => database.DisposeAsync();
    }
}
