using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Tests.Unit.Fixtures;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class HostGateTests
{
    private readonly HandClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExecuteAsync_MoreThanTheHostGetsAtOnce_AreNotSent()
    {
        var gate = new HostGate("h", 2, _clock, new HostPause());
        var release = new TaskCompletionSource();
        var running = Enumerable.Range(0, 2).Select(_ => ExecuteAsync(gate, 
            async _ =>
            {
                await release.Task;
                return Good();
            })).ToArray();
        Assert.True(gate.IsClosed);
        Assert.False((await ExecuteAsync(gate, _ => throw new InvalidOperationException())).WasTried);
        release.SetResult();
        Assert.All(await Task.WhenAll(running), outcome => Assert.NotNull(outcome.Bytes));
        Assert.False(gate.IsClosed);
    }

    [Fact]
    public async Task ExecuteAsync_HostThatFails_IsLeftAloneThenProbed()
    {
        var gate = new HostGate("h", 4, _clock, new HostPause());
        for (var i = 0; i < 4; i++)
        {
            Assert.True((await ExecuteAsync(gate, _ => Task.FromResult(Bad()))).WasTried);
        }

        Assert.False((await ExecuteAsync(gate, _ => throw new InvalidOperationException())).WasTried);
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.NotNull((await ExecuteAsync(gate, _ => Task.FromResult(Good()))).Bytes);
        Assert.True((await ExecuteAsync(gate, _ => Task.FromResult(Good()))).WasTried);
    }

    [Fact]
    public async Task ExecuteAsync_ProbeThatFails_LeavesTheHostAloneAgain()
    {
        var gate = new HostGate("h", 4, _clock, new HostPause());
        for (var i = 0; i < 4; i++)
        {
            await ExecuteAsync(gate, _ => Task.FromResult(Bad()));
        }

        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.True((await ExecuteAsync(gate, _ => Task.FromResult(Bad()))).WasTried);
        Assert.False((await ExecuteAsync(gate, _ => throw new InvalidOperationException())).WasTried);
    }

    [Fact]
    public async Task ExecuteAsync_HostThatAsksForAPause_GetsIt()
    {
        var gate = new HostGate("h", 4, _clock, new HostPause());
        for (var i = 0; i < 10; i++)
        {
            await ExecuteAsync(gate, 
                _ => Task.FromResult(FetchOutcome.Fail(RejectReasons.FetchFailed, "429", TimeSpan.FromSeconds(3))));
            Assert.True(gate.IsClosed);
            Assert.False((await ExecuteAsync(gate, _ => throw new InvalidOperationException())).WasTried);
            _clock.Advance(TimeSpan.FromSeconds(3));
            Assert.False(gate.IsClosed); // It works, so that the circuit breaker has no say.
        }
    }

    [Fact]
    public void NextPause_Failures_GrowAndEnd()
    {
        var options = new IngestOptions();
        var pauses = Enumerable.Range(1, options.FetchAttempts)
            .Select(n => FetchSchedule.NextPause(7, n, TimeSpan.Zero, Bad(), options)).ToArray();
        Assert.Null(pauses[^1]);
        Assert.All(pauses[..^1].Zip(pauses[1..^1]), p => Assert.True(p.Second > p.First));
        Assert.NotNull(FetchSchedule.NextPause(7, 99, TimeSpan.Zero, FetchOutcome.Wait(TimeSpan.FromSeconds(1), "busy"), options));
        Assert.Null(FetchSchedule.NextPause(7, 1, options.FetchPatience, FetchOutcome.Wait(TimeSpan.FromSeconds(1), "busy"), options));
        Assert.NotNull(FetchSchedule.NextPause(7, 1, 2 * options.FetchPatience, Bad(), options)); // Its first attempt came late.
        Assert.Null(FetchSchedule.NextPause(7, 2, options.FetchPatience, Bad(), options));
        var spread = Enumerable.Range(0, 1000)
            .Select(id => FetchSchedule.NextPause(id, 1, TimeSpan.Zero, Bad(), options)!.Value / options.FetchBackoff).ToArray();
        Assert.InRange(spread.Min(), 0.75, 0.8);
        Assert.InRange(spread.Max(), 1.2, 1.25);
    }

    [Fact]
    public async Task ExecuteAsync_HostThatOutlastsLittlePatience_IsAskedWithMoreOnly()
    {
        var gate = new HostGate("h", 4, _clock, new HostPause());
        Task<FetchOutcome> Slow(CancellationToken token) =>
            Task.FromResult(FetchOutcome.Fail(RejectReasons.FetchTimeout, "slow", TimeSpan.Zero));
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await gate.ExecuteAsync(Slow, TimeSpan.FromSeconds(1), isImpatient: true, Token)).WasTried);
        }

        Assert.False((await gate.ExecuteAsync(Slow, TimeSpan.FromSeconds(1), isImpatient: true, Token)).WasTried);
        Assert.NotNull((await gate.ExecuteAsync(_ => Task.FromResult(Good()), TimeSpan.FromSeconds(30), isImpatient: false, Token)).Bytes);
        Assert.True((await gate.ExecuteAsync(Slow, TimeSpan.FromSeconds(1), isImpatient: true, Token)).WasTried);
    }

    private static Task<FetchOutcome> ExecuteAsync(HostGate gate, Func<CancellationToken, Task<FetchOutcome>> request) =>
        gate.ExecuteAsync(request, TimeSpan.FromMilliseconds(10), isImpatient: false, Token);

    private static FetchOutcome Good() => FetchOutcome.Of([1]);

    private static FetchOutcome Bad() => FetchOutcome.Fail(RejectReasons.FetchFailed, "no");
}
