using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

/// <summary>Runs that are cancelled, overtaken or driven twice.</summary>
public sealed class RunInterruptionTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drive_CancelRequested_StopsWithinSecondsAndStepsBack()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        var run = await harness.StartAsync();
        var driving = harness.DriveAsync(); // No Matcher: it waits for groups.
        await Until.TrueAsync(async () => (await harness.Runs.FindAsync(run.RunId, Token))!.Step == TrainingRunStep.Join);

        Assert.NotNull(await harness.Desk.CancelAsync(run.RunId, null, Token));
        await driving.WaitAsync(TimeSpan.FromSeconds(5), Token);

        var ended = (await harness.Runs.FindAsync(run.RunId, Token))!;
        Assert.Equal(TrainingRunState.Cancelled, ended.State);
        Assert.Equal("refused", await harness.StateOfAsync(ended.ModelId!.Value));
        Assert.False((await harness.Desk.CancelAsync(run.RunId, null, Token))!.Value.WasGoingOn);
    }

    [Fact]
    public async Task Drive_CancelWhileTraining_StopsTheBuilder()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.Pause = new TaskCompletionSource();
        var run = await harness.StartAsync();
        var driving = harness.DriveAsync();
        await Until.TrueAsync(async () =>
            (await harness.Runs.FindAsync(run.RunId, Token)) is { Step: TrainingRunStep.Training, Message: "epoch 1 of 2", Progress: .5f });

        await harness.Desk.CancelAsync(run.RunId, null, Token);
        await driving.WaitAsync(TimeSpan.FromSeconds(5), Token);

        Assert.Equal(TrainingRunState.Cancelled, (await harness.Runs.FindAsync(run.RunId, Token))!.State);
    }

    [Fact]
    public async Task Drive_CancelledBeforeItBegins_BuildsNothing()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        var run = await harness.StartAsync();
        await harness.Desk.CancelAsync(run.RunId, null, Token);

        await harness.DriveAsync();

        Assert.Equal(TrainingRunState.Cancelled, (await harness.Runs.FindAsync(run.RunId, Token))!.State);
        Assert.Equal(0, harness.Builder.Calls);
    }

    [Fact]
    public async Task Drive_AnotherModelBecameActiveInBetween_Fails()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.Pause = new TaskCompletionSource();
        var run = await harness.StartAsync();
        var driving = harness.DriveAsync();
        await Until.TrueAsync(() => Task.FromResult(harness.Builder.Calls == 1));
        await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(2), TinyModels.Head(3));

        harness.Builder.Pause.SetResult();
        await driving;

        var ended = (await harness.Runs.FindAsync(run.RunId, Token))!;
        Assert.Equal(TrainingRunState.Failed, ended.State);
        Assert.Contains("became active meanwhile", ended.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drive_SecondDriver_LeavesTheRunToTheFirst()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Pause = new TaskCompletionSource();
        await harness.StartAsync();
        var first = harness.DriveAsync();
        await Until.TrueAsync(() => Task.FromResult(harness.Builder.Calls == 1));

        Assert.False(await harness.Driver().DriveAsync(Token));
        harness.Builder.Pause.SetResult();
        await first;

        Assert.Equal(1, harness.Builder.Calls);
    }

    [Fact]
    public async Task Drive_LockLostWithItsSession_WritesNothingMore()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        await using var matcher = new PlayedMatcher(harness.Database);
        harness.Builder.Pause = new TaskCompletionSource();
        var run = await harness.StartAsync();
        var first = harness.DriveAsync();
        await Until.TrueAsync(() => Task.FromResult(harness.Builder.Calls == 1));
        await harness.Database.ExecuteAsync("select pg_terminate_backend(holder_pid) from cpf.kept_locks where name = 'cpf.training'");

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => first);
        harness.Builder.Pause = null;
        await harness.DriveAsync();

        Assert.Equal(TrainingRunState.Finished, (await harness.Runs.FindAsync(run.RunId, Token))!.State);
        Assert.Single(await harness.AnswersAsync(run.RunId));
    }
}
