using System.Diagnostics;
using System.Security.Cryptography;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Ids;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Images;

public sealed class ImageStoreTests(TestDatabases databases, ITestOutputHelper output)
{
    private const int Images = 4;
    private static readonly string[] States = [ImageState.Received, ImageState.Rejected, ImageState.Stored, ImageState.Retracted];
    private static readonly string?[] Keys = [null, "a", "\uFF5E", "\U0001F600"];

    private static readonly Gen<ImageChange> Change = Gen.Select(
        Gen.Int[0, 3], Gen.Long[1, 3], Gen.Int[0, Images - 1], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool,
        (state, revision, image, content, key, global) => Of(States[state], revision, image, content, Keys[key], global));

    [Fact]
    public async Task ApplyAsync_AnyOrderSplitAndDuplication_EndsAsTheRuleSays()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        await Gen.Select(Change.Array[1, 12], Gen.Int[0, int.MaxValue]).SampleAsync(async (changes, seed) =>
        {
            await database.ExecuteAsync("delete from cpf.images");
            var random = new Random(seed);
            var sent = changes.Concat(changes.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(sent);
            foreach (var batch in sent.Chunk(random.Next(1, 6)))
            {
                await store.ApplyAsync(batch, _ => [], null, default);
            }

            Assert.Equal(Expected(changes), await RowsAsync(database));
        }, iter: 150, threads: 1);
    }

    [Fact]
    public async Task ApplyAsync_ManyAtOnce_EndsAsTheRuleSaysWithoutDeadlock()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        var random = new Random(7);
        var changes = Enumerable.Range(0, 1200).Select(_ => Of(
            States[random.Next(4)], random.Next(1, 50), random.Next(40), random.Next(60), Keys[random.Next(4)], random.Next(
                2) == 0)).ToArray();
        await Parallel.ForEachAsync(
            changes.Concat(changes).Chunk(40), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (batch, token) =>
            await store.ApplyAsync(batch, _ => [], null, token));
        Assert.Equal(Expected(changes), await RowsAsync(database));
    }

    [Fact]
    public async Task ApplyAsync_SameNewImagesAtTheSameMoment_AreInsertedOnce()
    {
        // Two unique indexes name an image, and the upsert watches one of them.
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        const int Rounds = 150, Images = 20;
        for (var round = 0; round < Rounds; round++)
        {
            var changes = Enumerable.Range(0, Images).Select(i => Of(ImageState.Received, 1, (round * Images) + i, 0, null, false))
                .ToArray();
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.ApplyAsync(changes, _ => [], null, default))));
        }

        Assert.Equal((long)Rounds * Images, await database.ScalarAsync<long>("select count(*) from cpf.images"));
    }

    [Fact]
    public async Task ApplyAsync_ContentNotUsable_RejectsWithItsReason()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        var changes = Enumerable.Range(0, 3).Select(i => Of(ImageState.Stored, 1, i, i, null, false)).ToArray();
        await store.ApplyAsync(changes, _ => [], null, default);
        await database.ExecuteAsync("update cpf.contents set state = 'undecodable', reject_reason = 'decode_timeout' where content_id = $1",
            changes[0].Content!.ContentId);
        await database.ExecuteAsync("update cpf.contents set state = 'erased' where content_id = $1", changes[1].Content!.ContentId);
        await database.ExecuteAsync("update cpf.contents set sha256 = $2 where content_id = $1", changes[2].Content!.ContentId,
            new byte[32]);
        var effects = new List<BatchEffects>();
        var others = changes.Select((c, i) => Of(ImageState.Stored, 1, i + 3, i, null, false)).ToArray();
        var result = await store.ApplyAsync(others, e => { effects.Add(e); return []; }, null, default);
        Assert.Equal(["decode_timeout", "erased", "id_collision"], result.Images.Select(i => i.Change.RejectReason));
        Assert.Equal(3, effects.Single().Rejections.Count);
        Assert.Equal(
            3L, await database.ScalarAsync<long>("select count(*) from cpf.images where state = 'rejected' and content_id is null"));
    }

    [Fact]
    public async Task ApplyAsync_RefusedUpdateOfALiveImage_KeepsItsContentAndTells()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        var live = Of(ImageState.Stored, 1, 0, 1, "k", false);
        await store.ApplyAsync([live], _ => [], null, default);
        BatchEffects? effects = null;
        var failed = Of(ImageState.Rejected, 2, 0, 0, null, false) with { RejectDetail = "no bytes" };
        var result = await store.ApplyAsync([failed], e => { effects = e; return []; }, null, default);
        Assert.Equal((ImageEffect.Changed, 0, 1), (result.Images[0].Effect, effects!.ReleasedContents.Count, effects.Rejections.Count));
        var status = await new ImageStatusStore(database.DataSource).FindAsync(live.ImageId, default);
        Assert.Equal(
            ("stored", live.Content!.ContentId, 1, 2, "empty", "no bytes", true),
            (status!.State, status.ContentId, status.Revision, status.FailedRevision, status.FailedReason, status.FailedDetail,
                status.FailedAt is not null));
        await store.ApplyAsync([failed], e => { effects = e; return []; }, null, default);
        Assert.Empty(effects.Rejections); // Told once.
        await store.ApplyAsync([live with { Revision = 3 }], _ => [], null, default);
        Assert.Null((await new ImageStatusStore(database.DataSource).FindAsync(live.ImageId, default))!.FailedReason);
    }

    [Fact]
    public async Task ApplyAsync_Effects_TellWhatOthersMustKnow()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        var (one, two) = (Of(ImageState.Stored, 1, 0, 1, "k", false), Of(ImageState.Stored, 2, 0, 2, "k", false));
        var (first, second) = (one.Content!.ContentId, two.Content!.ContentId);
        await Expect(one, ImageEffect.Changed, [first], []);
        await Expect(one, ImageEffect.Unchanged, [], []);
        await Expect(one with { Revision = 2 }, ImageEffect.Unchanged, [], []);
        await Expect(one with { Revision = 3, ProductKey = "l" }, ImageEffect.Changed, [first], []);
        await Expect(two, ImageEffect.Stale, [], []);
        await Expect(two with { Revision = 4 }, ImageEffect.Changed, [second], [first]);
        await Expect(Of(ImageState.Retracted, 4, 0, 0, null, false), ImageEffect.Changed, [], [second]);
        await Expect(two with { Revision = 4 }, ImageEffect.Stale, [], []);
        await Expect(two with { Revision = 5 }, ImageEffect.Changed, [second], []);

        async Task Expect(ImageChange change, ImageEffect effect, long[] stored, long[] released)
        {
            BatchEffects? effects = null;
            var result = await store.ApplyAsync([change], e => { effects = e; return []; }, null, default);
            Assert.Equal(effect, result.Images.Single().Effect);
            Assert.Equal(stored, effects!.StoredContents);
            Assert.Equal(released, effects.ReleasedContents);
        }
    }

    [Fact]
    public async Task ApplyAsync_WorkInTransactionFails_NothingIsApplied()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        await Assert.ThrowsAsync<FeedTakenException>(() =>
            store.ApplyAsync(
                [Of(ImageState.Stored, 1, 0, 1, null, false)], _ => [], (_, _, _, _) => throw new FeedTakenException(1), default));
        Assert.Equal(0L, await database.ScalarAsync<long>("select count(*) from cpf.images"));
    }

    [Fact]
    public async Task ApplyAsync_TwentyThousandRows_ManageTwoThousandASecond()
    {
        await using var database = await databases.CreateAsync();
        var store = new ImageStore(database.DataSource, new TombstoneKey(new byte[32]));
        var changes = Enumerable.Range(0, 20_000).Select(i => Of(ImageState.Stored, 1, i, i, "k" + (i / 3), false)).ToArray();
        var clock = Stopwatch.StartNew();
        foreach (var batch in changes.Chunk(500))
        {
            await store.ApplyAsync(batch, _ => [], null, default);
        }

        output.WriteLine($"{changes.Length / clock.Elapsed.TotalSeconds:F0} rows/s");
        Assert.True(clock.Elapsed.TotalSeconds < 60, "20,000 rows took longer than a minute."); // Generous: the machine may be shared.
    }

    private static ImageChange Of(string state, long revision, int image, int content, string? key, bool global) => new()
    {
        ImageId = ImageId.From("s", $"{image}"),
        Source = "s",
        ExternalId = $"{image}",
        Uri = state == ImageState.Retracted ? "" : "http://h/",
        Revision = revision,
        State = state,
        ProductKey = state == ImageState.Retracted ? null : key,
        KeyScope = state != ImageState.Retracted && key is not null && global ? "global" : "source",
        Content = state == ImageState.Stored ? new ContentFacts(SHA256.HashData(BitConverter.GetBytes(content)), "gif", 64, 64, 1) : null,
        RejectReason = state == ImageState.Rejected ? (content % 2 == 0 ? "empty" : "not_found") : null,
    };

    // The rule in plain words: the newest that was stored or retracted counts; a failure counts when nothing is live, and is shown
    // otherwise. Other columns of a retracted or rejected row do not count.
    private static List<string> Expected(IEnumerable<ImageChange> changes) =>
        [.. changes.GroupBy(c => c.ExternalId).Select(g => $"{g.Key} {Expected(g.ToList())}").Order(StringComparer.Ordinal)];

    private static string Expected(List<ImageChange> changes)
    {
        ImageChange? Newest(params string[] states) =>
            changes.Where(c => states.Contains(c.State)).OrderBy(c => c.Version, ByRule).LastOrDefault();
        var (applied, failed) = (Newest(ImageState.Stored, ImageState.Retracted), Newest(ImageState.Rejected));
        var isNewer = failed is not null && (applied is null || failed.Revision > applied.Revision);
        return applied is { State: ImageState.Stored }
            ? $"stored {applied.Revision} {applied.Content!.ContentId} {applied.ProductKey} {applied.KeyScope} "
                + (isNewer ? $"{failed!.Revision} {failed.RejectReason}" : " ")
            : isNewer ? $"rejected {failed!.Revision} {failed.RejectReason} {applied?.Revision}"
            : applied is not null ? $"retracted {applied.Revision}"
            : $"received {Newest(ImageState.Received)!.Revision}";
    }

    private static Comparer<ImageVersion> ByRule => Comparer<ImageVersion>.Create(RevisionRule.Compare);

    private static async Task<List<string>> RowsAsync(TestDatabase database) =>
    [
        .. (await database.QueryAsync(
            """
            select external_id || ' ' || state || ' ' || revision || case state
                when 'stored'   then concat(' ', content_id, ' ', product_key, ' ', key_scope, ' ', failed_revision, ' ', failed_reason)
                when 'rejected' then concat(' ', reject_reason, ' ', applied_revision)
                else '' end
            from cpf.images
            """)).Select(r => (string)r[0]!).Order(StringComparer.Ordinal),
    ];
}
