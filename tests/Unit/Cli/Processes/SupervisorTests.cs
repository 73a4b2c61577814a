using CpfPipeline.Cli;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Tests.Unit.Contracts.Hosting.Background;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Processes;

public sealed class SupervisorTests
{
    private readonly Dictionary<string, RestartRecord> _saved = [];
    private readonly StringWriter _log = new();

    [Fact]
    public async Task RunAsync_ComponentDied_IsStartedAgainAndCounted()
    {
        var (lives, starts) = (false, 0);
        using var stop = new CancellationTokenSource();
        var run = Of(stop, new Supervised("matcher", () => lives, _ =>
        {
            (lives, starts) = (true, starts + 1);
            stop.Cancel();
            return Task.CompletedTask;
        }));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal((1, 1), (starts, _saved["matcher"].Restarts));
        Assert.Contains("matcher had died and was started again", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ComponentDiesAtOnceAgainAndAgain_IsNeverGivenUpAndTheTroubleIsTold()
    {
        var starts = 0;
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Of(stop, new Supervised("matcher", () => false, _ =>
        {
            if (++starts == 100)
            {
                stop.Cancel();
            }

            return Task.CompletedTask;
        })));

        Assert.Equal((100, 100), (starts, _saved["matcher"].Restarts));
        Assert.Contains("died 100 times in a row", _saved["matcher"].KeepsDying, StringComparison.Ordinal);
        Assert.Contains("the next start is in 30 s", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ComponentLivesAtLast_IsInTroubleNoLonger()
    {
        var (starts, time) = (0, new InstantTime());
        using var stop = new CancellationTokenSource();
        var troubles = new List<string?>();

        bool IsAlive()
        {
            troubles.Add(_saved["matcher"].KeepsDying);
            if (starts < RestartRule.ManyShortLives)
            {
                return false;
            }

            time.Advance(RestartRule.WellAfter);
            if (troubles.Count > RestartRule.ManyShortLives + 3)
            {
                stop.Cancel();
            }

            return true;
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Of(stop, time, new Supervised("matcher", IsAlive, _ =>
        {
            starts++;
            return Task.CompletedTask;
        })));

        Assert.Contains(troubles, t => t is not null);
        Assert.Null(_saved["matcher"].KeepsDying);
    }

    [Fact]
    public async Task RunAsync_ComponentThatCannotBeStarted_CountsAsAnotherDeathAndTheOthersGoOn()
    {
        var (starts, tries) = (0, 0);
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Of(
            stop,
            new Supervised("postgres", () => false, _ =>
            {
                Interlocked.Increment(ref tries);
                throw CommandException.Infrastructure("no room");
            }),
            new Supervised("matcher", () => false, _ =>
            {
                if (++starts >= 20 && Volatile.Read(ref tries) > 1)
                {
                    stop.Cancel();
                }

                return Task.CompletedTask;
            })));

        Assert.NotNull(_saved["matcher"].KeepsDying);
        Assert.Contains("postgres had died and could not be started: no room", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AfterAnEarlierSupervisor_CountsOnWithoutItsTrouble()
    {
        using var stop = new CancellationTokenSource();
        _saved["matcher"] = new RestartRecord(3, null, "died 8 times");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Of(stop, new Supervised("matcher", () => false, _ =>
        {
            stop.Cancel();
            return Task.CompletedTask;
        })));

        Assert.Equal((4, null), (_saved["matcher"].Restarts, _saved["matcher"].KeepsDying));
    }

    private Task Of(CancellationTokenSource stop, params Supervised[] components) => Of(stop, new InstantTime(), components);

    private Task Of(CancellationTokenSource stop, TimeProvider time, params Supervised[] components) => new Supervisor(
        components, new Dictionary<string, RestartRecord>(_saved), records =>
        {
            foreach (var (name, record) in records)
            {
                _saved[name] = record;
            }
        },
        TextWriter.Synchronized(_log), time).RunAsync(stop.Token);
}
