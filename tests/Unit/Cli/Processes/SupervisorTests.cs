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
    public async Task RunAsync_ComponentDiesAtOnceAgainAndAgain_IsGivenUpAndTheReasonIsKept()
    {
        var starts = 0;
        using var stop = new CancellationTokenSource();

        await Of(stop, new Supervised("matcher", () => false, _ =>
        {
            starts++;
            return Task.CompletedTask;
        }));

        Assert.Equal(RestartRule.MaxShortLives - 1, starts);
        Assert.Contains("8 times in a row", _saved["matcher"].GaveUp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ComponentThatCannotBeStarted_CountsAsAnotherDeathAndTheOthersGoOn()
    {
        using var stop = new CancellationTokenSource();

        await Of(
            stop,
            new Supervised("postgres", () => false, _ => throw CommandException.Infrastructure("no room")),
            new Supervised("matcher", () => false, _ => Task.CompletedTask));

        Assert.Equal(["matcher", "postgres"], _saved.Where(r => r.Value.GaveUp is not null).Select(r => r.Key).Order());
        Assert.Contains("postgres had died and could not be started: no room", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_AfterAnEarlierSupervisor_CountsOnAndTriesAgainWhatWasGivenUp()
    {
        using var stop = new CancellationTokenSource();
        _saved["matcher"] = new RestartRecord(3, null, "died 8 times");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Of(stop, new Supervised("matcher", () => false, _ =>
        {
            stop.Cancel();
            return Task.CompletedTask;
        })));

        Assert.Equal((4, null), (_saved["matcher"].Restarts, _saved["matcher"].GaveUp));
    }

    private Task Of(CancellationTokenSource stop, params Supervised[] components) => new Supervisor(
        components, new Dictionary<string, RestartRecord>(_saved), records =>
        {
            foreach (var (name, record) in records)
            {
                _saved[name] = record;
            }
        },
        TextWriter.Synchronized(_log), new InstantTime()).RunAsync(stop.Token);
}
