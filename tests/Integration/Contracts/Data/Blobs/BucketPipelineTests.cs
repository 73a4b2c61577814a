using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Objects;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Embedder.Renditions;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Blobs;

/// <summary>The services' classes on a bucket, from a picture's arrival to its erasure.</summary>
public sealed class BucketPipelineTests(TestDatabases databases)
{
    [Theory]
    [InlineData(null)]
    [InlineData("Enabled")]
    public async Task Pictures_InABucket_AreTakenEmbeddedShownMatchedErasedAndSwept(string? versioning)
    {
        await using var server = await FakeObjectStore.StartAsync();
        server.Bucket.Versioning = versioning;
        var requests = 0;
        server.Fault = (_, _) => Interlocked.Increment(ref requests) % 5 == 0 ? new FakeFault { Status = 503, Code = "SlowDown" } : null;
        using var objects = new ObjectStore(server.Options(attempts: 8), TimeProvider.System);
        var store = new BucketBlobStore(objects);
        var database = await databases.CreateAsync();
        await using var ingest = new IngestHarness(database, blobs: store);
        await using var embedder = new EmbedderHarness(database, blobs: store);
        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        var model = await TinyModels.ActivateAsync(embedder.Models, store, TinyModels.Backbone(), TinyModels.Head());
        var files = server.Bucket.Keys;
        byte[][] pictures = [EmbedderHarness.Picture(1), SameInOtherBytes(EmbedderHarness.Picture(1)), EmbedderHarness.Picture(2)];
        var ids = pictures.Select(p => ContentId.FromSha256(SHA256.HashData(p))).ToArray();

        await ingest.Intake.TakeAsync([.. pictures.Select((p, i) => ErasureHarness.Entry($"{i}", i) with { Bytes = p })], default);
        await embedder.Embedder.EmbedAsync(ids, Urgency.Arrival, default);
        await matcher.Updater.RefreshAsync(ids, default);
        using var thumbnails = new ThumbnailMaker(EmbedderHarness.Decoder, Options.Create(new EmbedderOptions { Workers = 1 }));
        await new RenditionMaker(
            new RenditionStore(database.DataSource), store, thumbnails, Options.Create(new EmbedderOptions { Workers = 1 }),
            new EmbedderMetrics(), NullLogger<RenditionMaker>.Instance)
            .MakeAsync([new WantedRendition(ids[0], Rendition.Small), new WantedRendition(ids[2], Rendition.Small)], default);

        var groups = (await database.QueryAsync("select content_id, group_id from cpf.group_members where model_id = $1", model.ModelId))
            .ToDictionary(g => (long)g[0]!, g => (long)g[1]!);
        Assert.Equal((3, groups[ids[0]]), (groups.Count, groups[ids[1]]));
        Assert.Equal(files.Count + 5, server.Bucket.Keys.Count);

        await EraseAsync(database, ingest, matcher, pictures[0]);
        Assert.Empty(Kept(server, pictures[0]));

        var orphan = SHA256.HashData("no row stands for it"u8);
        await store.WriteAsync(orphan, new byte[] { 1 }, default);
        server.Bucket.Age("", TimeSpan.FromHours(3));
        server.Fault = (_, _) => null;
        var sweep = new BlobSweep(
            new UnreferencedStore(database.DataSource), store,
            Options.Create(new IngestOptions { CollectAfter = TimeSpan.FromHours(2) }), TimeProvider.System, new IngestMetrics());
        var swept = 0L;
        for (var part = 0; part < 256; part++)
        {
            swept += await sweep.RunAsync(default);
        }

        Assert.Equal(1, swept);
        var left = new[] { pictures[1], pictures[2] }.Select(p => server.Prefix + BlobName.Of(SHA256.HashData(p)))
            .Append(server.Prefix + BlobName.Of(SHA256.HashData(pictures[2]), Rendition.Small)).Concat(files);
        Assert.Equal(left.Order(StringComparer.Ordinal), server.Bucket.Versions.Select(v => v.Key).Order(StringComparer.Ordinal));
    }

    private static async Task EraseAsync(TestDatabase database, IngestHarness ingest, MatcherInstance matcher, byte[] picture)
    {
        var sha256 = SHA256.HashData(picture);
        var erasures = new ErasureStore(database.DataSource, ingest.Key);
        var outcome = await erasures.RequestContentAsync(sha256, new ErasureOrder("officer", null), ErasureMessages.Released, default);
        await matcher.Updater.RefreshAsync([ContentId.FromSha256(sha256)], default);
        await database.ExecuteAsync("delete from cpf.outbox");
        var work = new ErasureWork(
            new ErasurePurge(database.DataSource), ingest.Blobs, new IngestMetrics(), NullLogger<ErasureWork>.Instance);
        Assert.True(await work.AdvanceAsync((await erasures.FindAsync(outcome!.Erasure.ErasureId, default))!, default));
    }

    private static IEnumerable<string> Kept(FakeObjectStore server, byte[] picture) => server.Bucket.Versions.Select(v => v.Key)
        .Where(key => key.Contains(Convert.ToHexStringLower(SHA256.HashData(picture)), StringComparison.Ordinal));

    private static byte[] SameInOtherBytes(byte[] png)
    {
        using var image = Image.NewFromBuffer(png);
        return image.PngsaveBuffer(compression: 0);
    }
}
