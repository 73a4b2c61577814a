using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Logging;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Background;

public sealed class OneTimeTaskTests
{
    [Fact]
    public async Task Try_FailsThenIsDone_IsLoggedOnceBackedOffAndNotDoneAgain()
    {
        var (task, time, log) = await RunAsync(new InvalidOperationException("a"), new InvalidOperationException("a"), true);

        Assert.Equal(3, task.Tries);
        Assert.Equal([250, 500], time.Pauses.Select(p => p.TotalMilliseconds));
        Assert.Equal([LogLevel.Error, LogLevel.Information], log.Lines.Select(l => l.Level));
        Assert.NotNull(log.Lines.First().Exception);
    }

    [Fact]
    public async Task Try_NotDoneYet_IsTriedAgainAfterThePause()
    {
        var (task, time, log) = await RunAsync(false, false, true);

        Assert.Equal(3, task.Tries);
        Assert.Equal([250, 250], time.Pauses.Select(p => p.TotalMilliseconds));
        Assert.Empty(log.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_DuringAPause_EndsIt(bool afterFailure)
    {
        var time = new StandingTime();
        var task = new ScriptedTask(time, new ListLogger(), [afterFailure ? new InvalidOperationException("a") : false]);
        await task.StartAsync(CancellationToken.None);
        await time.Paused.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        await task.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);

        Assert.Equal(1, task.Tries);
    }

    [Fact]
    public async Task Stop_DuringATry_CancelsIt()
    {
        var task = new EndlessTask();
        await task.StartAsync(CancellationToken.None);
        await task.Begun.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        await task.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    private static async Task<(ScriptedTask Task, InstantTime Time, ListLogger Log)> RunAsync(params object[] outcomes)
    {
        var (time, log) = (new InstantTime(), new ListLogger());
        var task = new ScriptedTask(time, log, outcomes);
        await task.StartAsync(CancellationToken.None);
        await task.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        return (task, time, log);
    }

    // Each outcome: what is thrown, or whether the work is done.
    private sealed class ScriptedTask(TimeProvider time, ListLogger log, object[] outcomes)
        : OneTimeTask("test", TimeSpan.FromMilliseconds(250), time, log)
    {
        public int Tries { get; private set; }

        protected override Task<bool> TryAsync(CancellationToken cancellationToken) =>
            outcomes[Tries++] is var outcome && outcome is Exception failure ? throw failure : Task.FromResult((bool)outcome);
    }

    private sealed class EndlessTask() : OneTimeTask("endless", TimeSpan.FromMilliseconds(250), TimeProvider.System, new ListLogger())
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        protected override async Task<bool> TryAsync(CancellationToken cancellationToken)
        {
            _begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return true;
        }
    }
}
