using System.Diagnostics;
using System.Security.Cryptography;
using CpfPipeline.Data;
using CpfPipeline.Tests.Integration.Fixtures;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest;

public sealed class ImageStoreTests(TestDatabases databases, ITestOutputHelper output)
{
    private const int Images = 4;
    private static readonly string?[] Keys = [null, "a", "\uFF5E", "\U0001F600"];

    private static readonly Gen<ImageChange> Change = Gen.Select(
        Gen.Int[0, 3], Gen.Long[1, 3], Gen.Int[0, Images - 1], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Bool,
        (state, revision, image, content, key, global) => Of((ImageState)state, revision, image, content, Keys[key], global));

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
            (ImageState)random.Next(4), random.Next(1, 50), random.Next(40), random.Next(60), Keys[random.Next(4)], random.Next(
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
        await database.ExecuteAsync("update cpf.contents set state = 'undecodable', reject_reason = 'decode_timeout' where content_id = $1", changes[0].Content!.ContentId);
        await database.ExecuteAsync("update cpf.contents set state = 'erased' where content_id = $1", changes[1].Content!.ContentId);
        await database.ExecuteAsync("update cpf.contents set sha256 = $2 where content_id = $1", changes[2].Content!.ContentId,
            new byte[32]);
        var effects = new List<BatchEffects>();
        var result = await store.ApplyAsync(
            [.. changes.Select(c => c with { Revision = 2 })], e => { effects.Add(e); return []; }, null, default);
        Assert.Equal(["decode_timeout", "erased", "id_collision"], result.Images.Select(i => i.Change.RejectReason));
        Assert.Equal(3, effects.Single().Rejections.Count);
        Assert.Equal(changes.Select(c => c.Content!.ContentId).Order(), effects.Single().ReleasedContents);
        Assert.Equal(
            3L, await database.ScalarAsync<long>("select count(*) from cpf.images where state = 'rejected' and content_id is null"));
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

    private static ImageChange Of(ImageState state, long revision, int image, int content, string? key, bool global) => new()
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

    // What a retracted row remembers depends on what was known before, and says nothing.
    private static List<string> Expected(IEnumerable<ImageChange> changes) =>
    [
        .. changes.GroupBy(c => c.ImageId).Select(RevisionRule.Fold)
            .Select(c => c.State == ImageState.Retracted
                ? $"{c.ExternalId} retracted {c.Revision}"
                : $"{c.ExternalId} {c.State.ToString().ToLowerInvariant()} {c.Revision} {c.Content?.ContentId} {c.RejectReason} {c.ProductKey} {c.KeyScope}")
            .Order(StringComparer.Ordinal),
    ];

    private static async Task<List<string>> RowsAsync(TestDatabase database) =>
    [
        .. (await database.QueryAsync("select external_id, state, revision, content_id, reject_reason, product_key, key_scope from cpf.images"))
            .Select(r => (string)r[1]! == "retracted" ? $"{r[0]} retracted {r[2]}" : string.Join(' ', r))
            .Order(StringComparer.Ordinal),
    ];
}
