using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Tests.Unit.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class HostGatesTests
{
    private static readonly Uri Shop = new("http://shop.example/a");
    private static readonly Uri Tired = new("http://tired.example/a");
    private readonly HandClock _clock = new();
    private readonly HostGates _gates;

    public HostGatesTests() => _gates = new HostGates(Options.Create(new IngestOptions()), _clock);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Of_SameHostAndSource_OneGate()
    {
        Assert.Same(_gates.Of(Shop, "shop"), _gates.Of(new Uri("http://shop.example/b"), "shop"));
        Assert.NotSame(_gates.Of(Shop, "shop"), _gates.Of(Shop, "other"));
        Assert.NotSame(_gates.Of(Shop, "shop"), _gates.Of(Shop, HostGates.Probes));
    }

    [Theory]
    [InlineData("shop")]
    [InlineData(HostGates.Probes)]
    public void Of_TenThousandHosts_KeepsFew(string source)
    {
        var first = _gates.Of(Shop, source);
        Assert.InRange(NameHosts(source), 1, HostGates.MaxGates);
        Assert.NotSame(first, _gates.Of(Shop, source));
    }

    [Theory]
    [InlineData("shop", "other")]
    [InlineData(HostGates.Probes, HostGates.Probes)]
    public async Task Of_GateInUseOrPausing_StaysUntilItIsIdle(string source, string next)
    {
        var (used, pausing) = (_gates.Of(Shop, source), _gates.Of(Tired, source));
        var end = new TaskCompletionSource<FetchOutcome>();
        var running = ExecuteAsync(used, end.Task);
        var pause = FetchOutcome.Fail(RejectReasons.FetchFailed, "429", TimeSpan.FromMinutes(2));
        await ExecuteAsync(pausing, Task.FromResult(pause));

        NameHosts("sources");
        Assert.Same(used, _gates.Of(Shop, source));
        Assert.Same(pausing, _gates.Of(Tired, source));
        Assert.True(_gates.Of(Tired, next).IsClosed); // The host's pause is known to all sources.

        end.SetResult(FetchOutcome.Of([1]));
        await running;
        _clock.Advance(TimeSpan.FromMinutes(3));
        NameHosts("sources");
        Assert.NotSame(used, _gates.Of(Shop, source));
        Assert.NotSame(pausing, _gates.Of(Tired, source));
    }

    // Two sources at one host, one of them in use: a third one shares the pause that the host asks the second for.
    [Fact]
    public async Task Of_HostWithAGateInUse_KeepsItsPause()
    {
        var used = _gates.Of(Shop, "a");
        _gates.Of(Shop, "b");
        var end = new TaskCompletionSource<FetchOutcome>();
        var running = ExecuteAsync(used, end.Task);
        NameHosts("sources");

        var later = _gates.Of(Shop, "c");
        end.SetResult(FetchOutcome.Fail(RejectReasons.FetchFailed, "429", TimeSpan.FromMinutes(2)));
        await running;
        Assert.True(later.IsClosed);
    }

    private static Task<FetchOutcome> ExecuteAsync(HostGate gate, Task<FetchOutcome> outcome) =>
        gate.ExecuteAsync(_ => outcome, TimeSpan.FromSeconds(10), isImpatient: false, Token);

    // The highest number of gates at any time meanwhile.
    private int NameHosts(string source) => Enumerable.Range(0, 10_000).Max(i =>
    {
        _gates.Of(new Uri($"http://host-{i}.example/a"), source);
        return _gates.Count;
    });
}
