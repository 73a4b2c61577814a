using CpfPipeline.Data.Blobs;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Integration.Embedder.Embedding;

/// <summary>A picture of one colour is embedded and marked as blank.</summary>
public sealed class BlankPicturesTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EmbedAsync_PictureOfOneColour_IsMarkedAndEmbedded()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        var model = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());
        var ids = new[]
        {
            await harness.StoreAsync(EmbedderHarness.Picture(1)), await harness.StoreAsync(Blank(200)),
            await harness.StoreAsync(Blank(255)),
        };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => harness.Embedder.EmbedAsync(ids, Urgency.Arrival, Token)));

        Assert.Equal(ids[1..].Order(), await BlankAsync(harness));
        Assert.Equal(3, (await harness.EmbeddingsAsync(model)).Count);
    }

    [Fact]
    public async Task StepAsync_PicturesOfBefore_AreLookedAtOnce()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        long[] ids = [await harness.StoreAsync(EmbedderHarness.Picture(1)), await harness.StoreAsync(Blank(90))];
        await harness.StoreAsync(Blank(91), withBlob: false);
        await harness.Database.ExecuteAsync("update cpf.blank_sweep set embedded_before = now() + interval '1 hour'");
        var sweep = Sweep(harness, harness.Blobs);

        Assert.True(await sweep.StepAsync(Token));
        Assert.Equal([ids[1]], await BlankAsync(harness));
        Assert.Contains($"{ids[1]}", Assert.Single(await harness.OutboxAsync("ContentReleased")), StringComparison.Ordinal);

        Assert.False(await sweep.StepAsync(Token));
        Assert.Equal(0L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.blank_sweep"));
        Assert.False(await sweep.StepAsync(Token));
    }

    [Fact]
    public async Task StepAsync_FileThatCannotBeRead_IsTriedAgainAndThenPassedOver()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        long[] ids = [await harness.StoreAsync(Blank(90)), await harness.StoreAsync(Blank(91))];
        await harness.Database.ExecuteAsync("update cpf.blank_sweep set embedded_before = now() + interval '1 hour'");
        var reads = 0;
        var sweep = Sweep(
            harness, new ErasingBlobs(harness.Blobs, () => ++reads <= 3 ? throw new IOException("damaged") : Task.CompletedTask));

        await Assert.ThrowsAsync<IOException>(() => sweep.StepAsync(Token));
        await Assert.ThrowsAsync<IOException>(() => sweep.StepAsync(Token));
        Assert.Empty(await BlankAsync(harness));

        Assert.True(await sweep.StepAsync(Token));
        Assert.Equal([ids.Max()], await BlankAsync(harness)); // Not the first one, which could not be read.
        Assert.False(await sweep.StepAsync(Token));
    }

    private static BlankSweep Sweep(EmbedderHarness harness, IBlobStore blobs) => new(
        harness.Database.DataSource, blobs, harness.Dispatcher, EmbedderHarness.Decoder, NullLogger<BlankSweep>.Instance);

    private static async Task<List<long>> BlankAsync(EmbedderHarness harness) =>
        [
            .. (await harness.Database.QueryAsync("select content_id from cpf.contents where blank order by content_id"))
                .Select(r => (long)r[0]!),
        ];

    private static byte[] Blank(int grey)
    {
        using var black = Image.Black(64, 64, bands: 3);
        using var image = (black + grey).Cast(Enums.BandFormat.Uchar);
        return image.PngsaveBuffer();
    }
}
