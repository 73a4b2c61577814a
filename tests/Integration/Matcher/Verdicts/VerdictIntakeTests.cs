using CpfPipeline.Contracts;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Verdicts;

/// <summary>Verdicts as people give them: they stick, they are refused when they contradict, and the groups follow.</summary>
public sealed class VerdictIntakeTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GiveAsync_SameDifferentWithdrawn_TheGroupsFollow()
    {
        await using var world = await World.CreateAsync(databases);
        var (a, b, far) = (world.Ids[0], world.Ids[1], world.Ids[2]);

        var same = await world.TakeAsync(a, far, "same");
        Assert.True(same is { Changed: true, SameGroup: true });
        await world.AssertExactAsync((a, far, true));

        Assert.False((await world.TakeAsync(far, a, "same")).Changed);

        var different = await world.TakeAsync(a, b, "different");
        Assert.True(different is { Changed: true, SameGroup: false });
        await world.AssertExactAsync((a, far, true), (a, b, false));

        Assert.True((await world.TakeAsync(a, b, "withdrawn")).Changed);
        Assert.True((await world.TakeAsync(a, far, "withdrawn")).Changed);
        Assert.False((await world.TakeAsync(a, far, "withdrawn")).Changed);
        await world.AssertExactAsync();
    }

    [Fact]
    public async Task GiveAsync_Contradiction_IsRefusedWithItsChainAndChangesNothing()
    {
        await using var world = await World.CreateAsync(databases);
        var ids = world.Ids;
        await world.TakeAsync(ids[0], ids[2], "same", "ann");
        await world.TakeAsync(ids[2], ids[4], "same", "bob");
        var before = await world.Database.ScalarAsync<long>("select max(seq) from cpf.group_events");

        var refused = Assert.IsType<VerdictOutcome.Refused>(await world.GiveAsync(ids[0], ids[4], "different"));

        Assert.Equal(VerdictOutcome.Refused.Contradiction, refused.Reason);
        Assert.Equal(["ann", "bob"], refused.Chain.Select(v => v.Who));
        Assert.Contains($"s/{ids[2]}", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("by ann", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(before, await world.Database.ScalarAsync<long>("select max(seq) from cpf.group_events"));
        await world.TakeAsync(ids[2], ids[4], "withdrawn");
        await world.TakeAsync(ids[0], ids[4], "different");
        var again = Assert.IsType<VerdictOutcome.Refused>(await world.GiveAsync(ids[2], ids[4], "same"));
        Assert.Equal(["same", "different"], again.Chain.OrderByDescending(v => v.Verdict).Select(v => v.Verdict));
    }

    [Theory]
    [InlineData("maybe", "tester", VerdictOutcome.Refused.Invalid)]
    [InlineData("same", " ", VerdictOutcome.Refused.Invalid)]
    [InlineData(null, "tester", VerdictOutcome.Refused.Invalid)]
    public async Task GiveAsync_Malformed_IsRefused(string? verdict, string who, string reason)
    {
        await using var world = await World.CreateAsync(databases);

        var request = new VerdictRequest(World.Name(world.Ids[0]), World.Name(world.Ids[1]), verdict, who, null);

        Assert.Equal(reason, Assert.IsType<VerdictOutcome.Refused>(await world.Intake.GiveAsync(request, Token)).Reason);
    }

    [Fact]
    public async Task GiveAsync_UnknownPicturesAndExactCopies_AreRefusedByName()
    {
        await using var world = await World.CreateAsync(databases);
        await world.Catalogue.SubmitAsync("copy", world.Ids[0]);
        var known = World.Name(world.Ids[0]);

        async Task<VerdictOutcome.Refused> RefusedAsync(PictureName other) =>
            Assert.IsType<VerdictOutcome.Refused>(
                await world.Intake.GiveAsync(new VerdictRequest(known, other, "same", "tester", null), Token));

        Assert.Equal(VerdictOutcome.Refused.ExactCopies, (await RefusedAsync(new PictureName("s", "copy", null))).Reason);
        Assert.Contains("no image nothing", (await RefusedAsync(new PictureName("s", "nothing", null))).Detail, StringComparison.Ordinal);
        var unstored = await RefusedAsync(new PictureName(null, null, new string('a', 64)));
        Assert.Equal(VerdictOutcome.Refused.UnknownPicture, unstored.Reason);
        Assert.Contains("aaaa", unstored.Detail, StringComparison.Ordinal);
        Assert.Equal(VerdictOutcome.Refused.Invalid, (await RefusedAsync(new PictureName(null, null, "xyz"))).Reason);
        Assert.Equal(VerdictOutcome.Refused.Invalid, (await RefusedAsync(new PictureName("s", null, null))).Reason);
    }

    [Fact]
    public async Task GiveAsync_RetrainingResubmissionUpdate_TheVerdictIsAboutThePicture()
    {
        await using var world = await World.CreateAsync(databases);
        var (a, far, other) = (world.Ids[0], world.Ids[2], world.Ids[4]);
        await world.TakeAsync(a, far, "same");

        // Retracted, then submitted again: the same bytes.
        await world.Catalogue.RetractAsync($"{far}");
        await world.Matcher.Updater.RefreshAsync([far], Token);
        await world.Catalogue.SubmitAsync($"{far}", far);
        await world.Matcher.Updater.RefreshAsync([far], Token);
        await world.AssertExactAsync((a, far, true));

        // The image of the one picture shows other bytes now: these start without.
        await world.Catalogue.SubmitAsync($"{far}", other);
        await world.Matcher.Updater.RefreshAsync([far, other], Token);
        Assert.NotEqual(await world.GroupOfAsync(a), await world.GroupOfAsync(other));
        await world.Catalogue.SubmitAsync($"{far}", far);
        await world.Matcher.Updater.RefreshAsync([far, other], Token);

        await world.Catalogue.ActivateAsync(0.97, head: 2);
        await world.Catalogue.ReembedAsync();
        await world.Matcher.Repair.RunAsync(expected: true, Token);
        await world.AssertExactAsync((a, far, true));
        Assert.Equal(await world.GroupOfAsync(a), await world.GroupOfAsync(far));
    }

    [Fact]
    public async Task GiveAsync_ProcessDiesBeforeTheGroupsFollow_TheEventBringsThem()
    {
        await using var world = await World.CreateAsync(databases);
        var (a, far) = (world.Ids[0], world.Ids[2]);
        using var cancellation = new CancellationTokenSource();
        var dying = new VerdictIntake(world.Database.DataSource, new ModelStore(world.Database.DataSource), world.Matcher.Updater, (_, _) =>
        {
            cancellation.Cancel(); // Committed; nothing after this is done.
            return Task.CompletedTask;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => dying.GiveAsync(new VerdictRequest(World.Name(a), World.Name(far), "same", "tester", null), cancellation.Token));
        Assert.NotEqual(await world.GroupOfAsync(a), await world.GroupOfAsync(far));

        var payload = System.Text.Json.JsonSerializer.Deserialize<VerdictGiven>(
            await world.Database.ScalarAsync<string>("select payload::text from cpf.outbox where type = 'VerdictGiven'"),
            OutboxStore.Json)!;
        await world.Matcher.Updater.RecomputeAsync([payload.ContentA, payload.ContentB], Token);
        await world.AssertExactAsync((a, far, true));
    }

    [Fact]
    public async Task GiveAsync_ManyAtOnceOnTwoMatchers_NoneContradictAndTheGroupsAreExact()
    {
        await using var world = await World.CreateAsync(databases);
        using var second = new MatcherInstance(world.Database.DataSource, new MatcherOptions());
        VerdictIntake[] intakes =
        [
            world.Intake, new VerdictIntake(world.Database.DataSource, new ModelStore(world.Database.DataSource), second.Updater, (_, _) =>
                Task.CompletedTask),
        ];
        var random = new Random(5);
        var words = Enumerable.Range(0, 60).Select(_ =>
            (X: random.Next(world.Ids.Length), Y: random.Next(world.Ids.Length), Word: random.Next(3))).Where(w => w.X != w.Y).ToArray();

        await Parallel.ForEachAsync(
            words.Index(), new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Token }, async (word, token) =>
        {
            var (i, (x, y, choice)) = word;
            await intakes[i % 2].GiveAsync(
                new VerdictRequest(World.Name(world.Ids[x]), World.Name(world.Ids[y]),
                    choice switch { 0 => "same", 1 => "different", _ => "withdrawn" }, "tester", null), token);
        });

        var rows = await world.Database.QueryAsync("select content_a, content_b, verdict = 'same' from cpf.verdicts");
        var verdicts = rows.Select(r => new Verdict((long)r[0]!, (long)r[1]!, (bool)r[2]!)).ToArray();
        Assert.All(verdicts, v => Assert.Empty(VerdictContradiction.Find(verdicts, v)));
        Assert.NotEmpty(verdicts);
        await world.AssertExactAsync([.. verdicts.Select(v => (v.ContentA, v.ContentB, v.Same))]);
    }

    /// <summary>Five products of two pictures each, matched.</summary>
    private sealed class World(TestDatabase database, Catalogue catalogue, MatcherInstance matcher, long[] ids) : IAsyncDisposable
    {
        public TestDatabase Database => database;

        public Catalogue Catalogue => catalogue;

        public MatcherInstance Matcher => matcher;

        /// <summary>Two pictures of the first product, two of the second, and so on.</summary>
        public long[] Ids => ids;

        public VerdictIntake Intake { get; } = new(database.DataSource, new ModelStore(database.DataSource), matcher.Updater, (_, _) =>
            Task.CompletedTask);

        public static async Task<World> CreateAsync(TestDatabases databases)
        {
            var database = await databases.CreateAsync(Token);
            var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
            var pictures = TestContents.Clustered(3, products: 5, each: 2, dimension: 16);
            await catalogue.EmbedAsync(pictures);
            await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
            var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
            await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], Token);
            return new World(
                database, catalogue, matcher, [.. Enumerable.Range(0, 10).Select(i => pictures[(i / 2) + (5 * (i % 2))].ContentId)]);
        }

        public static PictureName Name(long contentId) => new("s", $"{contentId}", null);

        public Task<VerdictOutcome> GiveAsync(long x, long y, string verdict, string who = "tester") =>
            Intake.GiveAsync(new VerdictRequest(Name(x), Name(y), verdict, who, null), Token);

        public async Task<VerdictOutcome.Taken> TakeAsync(long x, long y, string verdict, string who = "tester") =>
            Assert.IsType<VerdictOutcome.Taken>(await GiveAsync(x, y, verdict, who));

        public async Task<long> GroupOfAsync(long contentId) => await Database.ScalarAsync<long>(
            $"select group_id from cpf.group_members where model_id = {Catalogue.Model.ModelId} and content_id = {contentId}");

        /// <summary>The groups are what they are by definition under these verdicts.</summary>
        public async Task AssertExactAsync(params (long X, long Y, bool Same)[] verdicts)
        {
            Catalogue.Believe(verdicts);
            await Matcher.SettleAsync(Token);
            await Catalogue.AssertExactAsync();
        }

        public async ValueTask DisposeAsync()
        {
            matcher.Dispose();
            await database.DisposeAsync();
        }
    }
}
