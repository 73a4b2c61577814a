using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Renditions;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>A rendition that is being made while its content goes must not be left behind: nothing would ever remove it.</summary>
public sealed class RenditionRaceTests(TestDatabases databases) : IDisposable
{
    private static readonly byte[] Picture = EmbedderHarness.Picture(1);
    private static readonly byte[] Sha256 = SHA256.HashData(Picture);
    private static readonly long Id = ContentId.FromSha256(Sha256);
    private readonly ThumbnailMaker _thumbnails = new(EmbedderHarness.Decoder, Options.Create(new EmbedderOptions()));

    [Fact]
    public async Task Make_StoredContent_IsThereOnceAndErasedWithIt()
    {
        await using var harness = await SubmitAsync();
        WantedRendition[] wanted = [new(Id, Rendition.Small), new(Id, Rendition.Small), new(Id, "unknown"), new(Id + 1, Rendition.Small)];

        await Maker(harness, harness.Ingest.Blobs).MakeAsync(wanted, default);
        await Maker(harness, new ErasingBlobs(harness.Ingest.Blobs, () => throw new InvalidOperationException("It is made already.")))
            .MakeAsync(wanted, default);

        Assert.Equal([Name, Name + ".320.webp"], harness.Files(Sha256).Order());
        await harness.FinishAsync(await harness.RequestAsync("a"), Sha256);
        Assert.Empty(await harness.TracesAsync(Sha256));
    }

    [Fact]
    public async Task Make_ErasedWhileItsBytesAreRead_LeavesNoFile()
    {
        await using var harness = await SubmitAsync();
        var erasing = new ErasingBlobs(harness.Ingest.Blobs, async () =>
        {
            var bytes = await harness.Ingest.Blobs.ReadAsync(Sha256, default);
            await harness.FinishAsync(await harness.RequestAsync(Sha256), Sha256);
            await harness.Ingest.Blobs.WriteAsync(Sha256, bytes, default); // The maker has read them.
        });

        await Maker(harness, erasing).MakeAsync([new WantedRendition(Id, Rendition.Small)], default);

        Assert.Equal([Name], harness.Files(Sha256)); // Only what this test wrote.
    }

    [Fact]
    public async Task Write_ErasureIsAskedForMeanwhile_WaitsAndTakesTheFileWithIt()
    {
        await using var harness = await SubmitAsync();
        Task<ErasureOutcome?>? request = null;

        Assert.True(await new RenditionStore(harness.Database.DataSource).WriteWhileStoredAsync(
            Id,
            async token =>
            {
                request = harness.RequestAsync(Sha256);
                await harness.WaitingAsync();
                await harness.Ingest.Blobs.WriteRenditionAsync(Sha256, Rendition.Small, new byte[1], token);
            },
            default));
        await harness.FinishAsync(await request!, Sha256);

        Assert.Empty(await harness.TracesAsync(Sha256));
    }

    [Fact]
    public async Task Write_ContentIsCollectedMeanwhile_IsNotCollectedYet()
    {
        await using var harness = await SubmitAsync();
        await harness.RetractAsync("a");
        var collection = harness.NewCollection(TimeSpan.Zero);

        await new RenditionStore(harness.Database.DataSource).WriteWhileStoredAsync(
            Id,
            async token =>
            {
                Assert.Equal(0, await collection.RunAsync(token));
                await harness.Ingest.Blobs.WriteRenditionAsync(Sha256, Rendition.Small, new byte[1], token);
            },
            default);
        Assert.Equal(1, await collection.RunAsync(default));

        Assert.Empty(harness.Files(Sha256));
        Assert.False(await new RenditionStore(harness.Database.DataSource).WriteWhileStoredAsync(
            Id, _ => throw new InvalidOperationException("It is gone."), default));
    }

    [Fact]
    public async Task Make_RejectedContent_HasNone()
    {
        await using var harness = await SubmitAsync();
        await harness.Database.ExecuteAsync("update cpf.contents set state = 'undecodable', reject_reason = 'undecodable'");

        await Maker(harness, harness.Ingest.Blobs).MakeAsync([new WantedRendition(Id, Rendition.Small)], default);
        Assert.False(await new RenditionStore(harness.Database.DataSource).WriteWhileStoredAsync(
            Id, _ => throw new InvalidOperationException("It is not stored."), default));

        Assert.Equal([Name], harness.Files(Sha256));
    }

    public void Dispose() => _thumbnails.Dispose();

    private static string Name => Convert.ToHexStringLower(Sha256);

    private RenditionMaker Maker(ErasureHarness harness, IBlobStore blobs) => new(
        new RenditionStore(harness.Database.DataSource), blobs, _thumbnails, Options.Create(new EmbedderOptions()), new EmbedderMetrics(),
        NullLogger<RenditionMaker>.Instance);

    private async Task<ErasureHarness> SubmitAsync()
    {
        var harness = await ErasureHarness.StartAsync(databases);
        await harness.Ingest.Intake.TakeAsync([ErasureHarness.Entry("a", 1) with { Bytes = Picture }], default);
        return harness;
    }
}
