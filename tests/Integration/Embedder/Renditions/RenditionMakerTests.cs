using System.Security.Cryptography;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Renditions;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Embedder.Renditions;

public sealed class RenditionMakerTests(TestDatabases databases)
{
    [Fact]
    public async Task Make_TwoBatchesAtOnce_ShareTheWorkers()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var pictures = Enumerable.Range(1, 6).Select(EmbedderHarness.Picture).ToList();
        await harness.Ingest.Intake.TakeAsync(
            [.. pictures.Select((bytes, i) => ErasureHarness.Entry($"picture-{i}", 1) with { Bytes = bytes })], default);
        var (reading, most) = (0, 0);
        var blobs = new ErasingBlobs(harness.Ingest.Blobs, async () =>
        {
            var now = Interlocked.Increment(ref reading);
            InterlockedMax(ref most, now);
            for (var i = 0; i < 20; i++)
            {
                await harness.Database.QueryAsync("select 1"); // Long enough for the other batch to come in between.
            }

            Interlocked.Decrement(ref reading);
        });
        var options = Options.Create(new EmbedderOptions { Workers = 1 });
        using var thumbnails = new ThumbnailMaker(EmbedderHarness.Decoder, options);
        var maker = new RenditionMaker(
            new RenditionStore(harness.Database.DataSource), blobs, thumbnails, options, new EmbedderMetrics(),
            NullLogger<RenditionMaker>.Instance);
        WantedRendition[] wanted =
            [.. pictures.Select(p => new WantedRendition(ContentId.FromSha256(SHA256.HashData(p)), Rendition.Small))];

        await Task.WhenAll(maker.MakeAsync(wanted[..3], default), maker.MakeAsync(wanted[3..], default));

        Assert.Equal(1, most);
        Assert.All(pictures, p => Assert.Equal(2, harness.Files(SHA256.HashData(p)).Count()));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref most, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
