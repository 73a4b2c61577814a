using System.Globalization;
using CpfPipeline.Data.Probes;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Probes;
using CpfPipeline.Embedder.Renditions;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Integration.Embedder.Probes;

public sealed class ProbeEmbedderTests(TestDatabases databases) : IDisposable
{
    private readonly ThumbnailMaker _thumbnails = new(EmbedderHarness.Decoder, Options.Create(new EmbedderOptions()));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EmbedAsync_APicture_GivesTheBitsThatItWouldGetAsAContentAndStoresNothing()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        var model = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());
        var picture = EmbedderHarness.Picture(5);
        var (embedder, probes) = EmbedderOf(harness);

        var answer = await EmbedAsync(embedder, probes, picture);

        Assert.Null(answer.Reason);
        Assert.Equal(model.HeadId, answer.HeadId);
        Assert.False(answer.IsBlank);
        using (var thumbnail = Image.NewFromBuffer(answer.Thumbnail))
        {
            Assert.Equal((64, 64), (thumbnail.Width, thumbnail.Height));
        }

        Assert.Equal(0L, await harness.Database.ScalarAsync<long>(
            "select (select count(*) from cpf.contents) + (select count(*) from cpf.features) + (select count(*) from cpf.embeddings)"));
        var id = await harness.StoreAsync(picture);
        await harness.Embedder.EmbedAsync([id], CpfPipeline.Embedder.Embedding.Urgency.Arrival, Token);
        var stored = (await harness.EmbeddingsAsync(model))[id].Trim('[', ']').Split(',');
        Assert.Equal(stored.Select(v => Half.Parse(v, CultureInfo.InvariantCulture)), answer.Embedding());
    }

    [Fact]
    public async Task EmbedAsync_PictureThatCannotBeDecoded_IsRefusedInTheWordsOfAContent()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());
        var cut = EmbedderHarness.Picture(5)[..^300];
        var (embedder, probes) = EmbedderOf(harness);

        var answer = await EmbedAsync(embedder, probes, cut);

        var id = await harness.StoreAsync(cut);
        await harness.Embedder.EmbedAsync([id], CpfPipeline.Embedder.Embedding.Urgency.Arrival, Token);
        var stored = (await harness.Database.QueryAsync(
            "select reject_reason, reject_detail from cpf.contents where content_id = $1", id))[0];
        Assert.Equal(RejectReasons.Truncated, answer.Reason);
        Assert.Equal(stored, [answer.Reason, answer.Detail]);

        using var grey = (Image.Black(64, 64, bands: 3) + 200).Cast(Enums.BandFormat.Uchar);
        var blank = await EmbedAsync(embedder, probes, grey.PngsaveBuffer());
        Assert.Equal((null, true), (blank.Reason, blank.IsBlank));
    }

    [Fact]
    public async Task EmbedAsync_NobodyWaitsAnyMore_DoesNothing()
    {
        await using var harness = new EmbedderHarness(await databases.CreateAsync(Token));
        var (embedder, probes) = EmbedderOf(harness);
        var probe = Guid.NewGuid();

        // Without a model it would wait for one.
        await embedder.EmbedAsync(probe, Token);

        Assert.False(await probes.ExistsAsync(probe, ProbePart.Answer, Token));
    }

    public void Dispose() => _thumbnails.Dispose();

    private (ProbeEmbedder Embedder, FolderProbeStore Probes) EmbedderOf(EmbedderHarness harness)
    {
        var probes = new FolderProbeStore(Path.Combine(harness.BlobFolder, "probes"));
        return (new ProbeEmbedder(probes, harness.Serving, harness.Workers, _thumbnails), probes);
    }

    private static async Task<ProbeAnswer> EmbedAsync(ProbeEmbedder embedder, FolderProbeStore probes, byte[] picture)
    {
        var probe = Guid.NewGuid();
        await probes.BeginAsync(probe, Token);
        await probes.WriteAsync(probe, ProbePart.Checked, picture, Token);
        await embedder.EmbedAsync(probe, Token);
        return ProbeAnswer.FromJson(await probes.ReadAsync(probe, ProbePart.Answer, Token));
    }
}
