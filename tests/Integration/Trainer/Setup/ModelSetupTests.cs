using System.Reflection;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Labels;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Trainer;
using CpfPipeline.Trainer.Setup;
using CpfPipeline.Vision.Models;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Setup;

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
    public async Task EnsureAsync_AnotherBackboneConfigured_AsksForOneRunAndLeavesTheActiveModel()
    {
        await using var harness = await StartAsync();
        await Setup(harness).EnsureAsync(CancellationToken.None);
        var first = await harness.Models.GetActiveAsync(CancellationToken.None);
        using var file = new TinyBackboneFile();

        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Setup(harness, file.Path).EnsureAsync(CancellationToken.None))),
            Assert.True);
        Assert.True(await Setup(harness).EnsureAsync(CancellationToken.None)); // The setting is removed: nothing to do.

        Assert.Equal(first!.ModelId, (await harness.Models.GetActiveAsync(CancellationToken.None))!.ModelId);
        Assert.Empty(await harness.OutboxAsync("EmbedContents"));
        var run = Assert.Single(await harness.Database.QueryAsync("select kind, trigger, state, model_id from cpf.training_runs"));
        Assert.Equal(["activation", "start", "queued"], run[..3]);
        var candidate = await harness.Models.FindAsync((long)run[3]!, CancellationToken.None);
        Assert.Equal("candidate", candidate!.State);
        Assert.Equal(BackboneFile.Load(TinyModels.Backbone(2), "b").Sha256.ToArray(), candidate.BackboneSha256);
    }

    [Theory]
    [InlineData("cancelled", 1)]
    [InlineData("finished", 1)]
    [InlineData("failed", 2)]
    public async Task EnsureAsync_RunForTheBackboneHasEnded_OnlyAFailedOneIsTriedAgain(string end, long runs)
    {
        // Finished but not active: an operator has rolled back.
        await using var harness = await StartAsync();
        await Setup(harness).EnsureAsync(CancellationToken.None);
        using var file = new TinyBackboneFile();
        await Setup(harness, file.Path).EnsureAsync(CancellationToken.None);
        await harness.Database.ExecuteAsync(
            $"""
            update cpf.training_runs set state = '{end}', finished_at = now(); update cpf.models set state = 'refused'
                where state = 'candidate'
            """);
        await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head(2)); // A night came between.

        Assert.True(await Setup(harness, file.Path).EnsureAsync(CancellationToken.None));

        Assert.Equal(runs, await harness.Database.ScalarAsync<long>("select count(*) from cpf.training_runs"));
        Assert.Equal(runs - 1, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models where state = 'candidate'"));
    }

    [Fact]
    public async Task EnsureAsync_NightGoesOn_TheBackboneWaitsForItsEnd()
    {
        await using var harness = await StartAsync();
        await Setup(harness).EnsureAsync(CancellationToken.None);
        using var file = new TinyBackboneFile();
        await harness.Database.ExecuteAsync(
            "insert into cpf.training_runs (run_id, kind, trigger, request) values (gen_random_uuid(), 'training', 'schedule', '{}')");

        Assert.False(await Setup(harness, file.Path).EnsureAsync(CancellationToken.None));
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models"));

        await harness.Database.ExecuteAsync("update cpf.training_runs set state = 'finished', finished_at = now()");
        Assert.True(await Setup(harness, file.Path).EnsureAsync(CancellationToken.None));
        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.training_runs where state = 'queued'"));
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

        await Setup(harness, prepare: (_, _, _) => throw new LabelsFileException("labels.csv is faulty"))
            .EnsureAsync(CancellationToken.None);

        Assert.Equal(1L, await harness.Database.ScalarAsync<long>("select count(*) from cpf.models"));
    }

    private async Task<EmbedderHarness> StartAsync() => new(await databases.CreateAsync(TestContext.Current.CancellationToken));

    private static ModelSetup Setup(EmbedderHarness harness, string? backbone = null, FirstModelSource? prepare = null)
    {
        var options = Options.Create(new TrainerOptions { Backbone = backbone, CalibrationFolder = "." });
        var (dataSource, runs) = (harness.Database.DataSource, new TrainingRunStore(harness.Database.DataSource));
        var desk = new RunDesk(runs, harness.Models, new ModelListStore(dataSource), new RunSignal(), NullLogger<RunDesk>.Instance);
        prepare ??= (order, _, _) => new FirstModelFiles(
            order.BackbonePath is not { } path ? BackboneFile.Load(TinyModels.Backbone(), "bundled") : BackboneFile.Load(path),
            HeadFile.Load(TinyModels.Head(), "head"), 0.9, "{}");
        var preparation = new ModelPreparation(TimeProvider.System);
        return new ModelSetup(
            harness.Models,
            new BackboneHandover(harness.Models, new ModelTransitions(dataSource), runs, desk, harness.Blobs, prepare, preparation, options,
                NullLogger<BackboneHandover>.Instance),
            harness.Blobs, new OutboxDispatcher(DispatchProxy.Create<IBus, BrokenBus>(), dataSource, TimeProvider.System,
                NullLogger<OutboxDispatcher>.Instance), prepare, preparation, options,
            NullLogger<ModelSetup>.Instance);
    }

    /// <summary>A backbone that is not the bundled one.</summary>
    private sealed class TinyBackboneFile : IDisposable
    {
        public TinyBackboneFile() => File.WriteAllBytes(Path, TinyModels.Backbone(2));

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
