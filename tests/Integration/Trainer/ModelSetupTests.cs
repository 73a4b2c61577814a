using System.Reflection;
using CpfPipeline.Hosting;
using CpfPipeline.Tests.Integration.Embedder;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Trainer.LabelledSets;
using CpfPipeline.Trainer.Service;
using CpfPipeline.Vision;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer;

public sealed class ModelSetupTests(TestDatabases databases)
{
    [Fact]
    public async Task EnsureAsync_SeveralTrainersAtOnce_RegisterOneModel()
    {
        await using var harness = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Setup(harness).EnsureAsync(CancellationToken.None)));

        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models"));
        Assert.Single(await harness.OutboxAsync("ModelActivated"));
    }

    [Fact]
    public async Task EnsureAsync_AnotherBackboneConfigured_ReplacesTheModelAndEmbedsLiveContentsAnew()
    {
        await using var harness = await StartAsync();
        await Setup(harness).EnsureAsync(CancellationToken.None);
        var live = await harness.StoreAsync(EmbedderHarness.Picture(1));
        await harness.StoreAsync(EmbedderHarness.Picture(2));
        await harness.Database.ExecuteAsync("update cpf.images set state = 'retracted' where content_id <> $1", live);
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, TinyModels.Backbone(2));
            await Setup(harness, path).EnsureAsync(CancellationToken.None);
            await Setup(harness, path).EnsureAsync(CancellationToken.None);
            await Setup(harness).EnsureAsync(CancellationToken.None); // The setting is removed: the model stays.
        }
        finally
        {
            File.Delete(path);
        }

        var active = await harness.Models.GetActiveAsync(CancellationToken.None);
        Assert.Equal(BackboneFile.Load(TinyModels.Backbone(2), "b").Sha256.ToArray(), active!.BackboneSha256);
        Assert.Equal(2, (await harness.OutboxAsync("ModelActivated")).Count);
        Assert.Equal($$"""{"contentIds": [{{live}}]}""", Assert.Single(await harness.OutboxAsync("EmbedContents")));
    }

    [Fact]
    public async Task EnsureAsync_FileWithoutMetadata_NamesTheFile()
    {
        await using var harness = await StartAsync();
        var path = Path.GetTempFileName();

        var error = await Assert.ThrowsAsync<ModelFileException>(() => Setup(harness, path).EnsureAsync(CancellationToken.None));

        File.Delete(path);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnsureAsync_AModelIsActive_LooksAtNoCalibration()
    {
        await using var harness = await StartAsync();
        await Setup(harness).EnsureAsync(CancellationToken.None);

        await Setup(harness, prepare: (_, _, _) => throw new LabelledSetException("labels.csv is faulty")).EnsureAsync(CancellationToken.None);

        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models"));
    }

    private async Task<EmbedderHarness> StartAsync() => new(await databases.CreateAsync(TestContext.Current.CancellationToken));

    private static ModelSetup Setup(EmbedderHarness harness, string? backbone = null, ModelPreparation? prepare = null) => new(
        harness.Models, harness.Blobs,
        new OutboxDispatcher(DispatchProxy.Create<IBus, BrokenBus>(), harness.Database.DataSource, NullLogger<OutboxDispatcher>.Instance),
        prepare ?? ((path, _, _) => new PreparedModel(
            path is null ? BackboneFile.Load(TinyModels.Backbone(), "bundled") : BackboneFile.Load(path),
            HeadFile.Load(TinyModels.Head(), "head"), 0.9, "{}")),
        Options.Create(new TrainerOptions { Backbone = backbone, CalibrationFolder = "." }),
        NullLogger<ModelSetup>.Instance);
}
