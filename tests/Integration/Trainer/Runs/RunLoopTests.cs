using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using CpfPipeline.Trainer.Runs;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Runs;

public sealed class RunLoopTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loop_RunsAreLeftAskedForAndAskedForElsewhere_DrivesEach()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        harness.Builder.TooLittle = "no keys";
        var left = await harness.StartAsync();
        using var loop = new RunLoop(harness.Driver(), harness.Signal, new StandingTime(), NullLogger<RunLoop>.Instance);

        await loop.StartAsync(Token);
        await EndedAsync(harness, left);
        await EndedAsync(harness, await harness.StartAsync());
        using var signalOfAnother = new RunSignal();
        var another = new RunDesk(harness.Runs, harness.Models, harness.List, signalOfAnother, NullLogger<RunDesk>.Instance);
        var asked = await another.AskAsync(new RunOrder(TrainingRunKind.Training), "http", null, Token);
        await EndedAsync(harness, Assert.IsType<RunAsked.Started>(asked).Run);

        await loop.StopAsync(Token);
        Assert.Equal(3, harness.Builder.Calls);
    }

    private static Task EndedAsync(RunHarness harness, TrainingRun run) => Until.TrueAsync(async () =>
        (await harness.Runs.FindAsync(run.RunId, Token))!.State == TrainingRunState.TooLittleData);

    /// <summary>A clock whose timers never fire: only the signal ends a wait early.</summary>
    private sealed class StandingTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
