using System.Collections.Concurrent;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Tests.Unit.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class SlowSourcesTests
{
    private static readonly IngestOptions Default = new();
    private readonly HandClock _clock = new();
    private readonly FetchAttempt _attempt;

    public SlowSourcesTests()
    {
        var options = Options.Create(Default);
        _attempt = new FetchAttempt(options, new HostGates(options, _clock), new SlowSources(options, _clock), _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Every address is at a host of its own, so that no gate of a host notices.
    [Fact]
    public async Task MakeAsync_SellerWithSlowHostsWithoutEnd_TakesNoMoreThanItsShareOfThePlaces()
    {
        var (began, asked) = (_clock.GetTimestamp(), 0);
        for (var i = 0; i < 1_000; i++)
        {
            var outcomes = await RoundAsync("slow", i, TimeSpan.FromSeconds(2));
            asked += outcomes.Count(o => o.WasTried);
            Assert.All(outcomes, o => Assert.True(o.MayRecover)); // They are parked, not refused.
            Assert.All(await RoundAsync("other", i, TimeSpan.FromMilliseconds(50)), o => Assert.NotNull(o.Bytes));
        }

        Assert.InRange(asked, 100, 31_000);
        var held = 2.0 * asked / Places;
        Assert.InRange(held, 5, (0.25 * _clock.GetElapsedTime(began).TotalSeconds) + 10);
    }

    [Fact]
    public async Task MakeAsync_SourceThatUsedUpItsShare_IsStillFetchedApart()
    {
        await UseUpAsync("slow");
        Assert.NotNull((await MakeAsync("slow", "h", Default.FetchTimeout, Task.FromResult(FetchOutcome.Of([1])))).Bytes);
        Assert.False((await RoundAsync("slow", 0, TimeSpan.Zero))[0].WasTried);
    }

    [Fact]
    public async Task MakeAsync_SourceThatUsedUpItsShare_HasItAgainAfterAWhile()
    {
        await UseUpAsync("slow");
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.All(await RoundAsync("slow", 0, TimeSpan.Zero), o => Assert.NotNull(o.Bytes));
    }

    [Fact]
    public async Task MakeAsync_SourceWhoseImagesComeQuickly_IsNeverSetApart()
    {
        for (var i = 0; i < 200; i++)
        {
            Assert.All(await RoundAsync("quick", i, TimeSpan.FromSeconds(0.4)), o => Assert.NotNull(o.Bytes));
        }
    }

    // A host gets eight requests at once, so the last of 32 waits four times as long as an image takes.
    [Fact]
    public async Task MakeAsync_SourceAtOneQuickHost_IsNotBlamedForItsQueueThere()
    {
        for (var round = 0; round < 30; round++)
        {
            var running = new ConcurrentQueue<TaskCompletionSource<FetchOutcome>>();
            var all = Enumerable.Range(0, Places).Select(_ => _attempt.MakeAsync(
                new Uri("http://shop.example/a"), "shop", Default.FirstFetchTimeout,
                _ =>
                {
                    var end = new TaskCompletionSource<FetchOutcome>();
                    running.Enqueue(end);
                    return end.Task;
                },
                Token)).ToArray();
            for (var done = 0; done < Places; done += Default.MaxRequestsPerHost)
            {
                while (running.Count < Default.MaxRequestsPerHost)
                {
                    Assert.DoesNotContain(all, fetch => fetch is { IsCompletedSuccessfully: true, Result.Bytes: null }); // Set apart.
                    await Task.Yield();
                }

                _clock.Advance(TimeSpan.FromSeconds(0.4));
                for (var i = 0; i < Default.MaxRequestsPerHost && running.TryDequeue(out var end); i++)
                {
                    end.SetResult(FetchOutcome.Of([1]));
                }
            }

            Assert.All(await Task.WhenAll(all), o => Assert.NotNull(o.Bytes));
        }
    }

    // Slow is what holds a place for long, however it ends.
    [Fact]
    public async Task MakeAsync_SourceWhoseImagesComeLateButInTime_IsSetApart()
    {
        var apart = 0;
        for (var i = 0; i < 20; i++)
        {
            apart += (await RoundAsync("late", i, TimeSpan.FromSeconds(1.9))).Count(o => !o.WasTried);
        }

        Assert.InRange(apart, Places, 19 * Places);
    }

    [Fact]
    public void Note_SourcesWithoutEnd_KeepsFew()
    {
        var sources = new SlowSources(Options.Create(Default), _clock);
        for (var i = 0; i < 3 * SlowSources.MaxSources; i++)
        {
            sources.Note($"s{i}", TimeSpan.FromSeconds(2));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            Assert.InRange(sources.Count, 1, SlowSources.MaxSources);
        }
    }

    private static int Places => Default.FetchParallelism * Default.BatchConcurrency;

    private async Task UseUpAsync(string source)
    {
        for (var i = 0; (await RoundAsync(source, i, TimeSpan.FromSeconds(2)))[0].WasTried; i++)
        {
            Assert.InRange(i, 0, 100);
        }
    }

    // As many first fetches as there are places, all at once, each from another host.
    private async Task<FetchOutcome[]> RoundAsync(string source, int round, TimeSpan takes)
    {
        var end = new TaskCompletionSource<FetchOutcome>();
        var all = Enumerable.Range(0, Places)
            .Select(i => MakeAsync(source, $"host-{round}-{i}", Default.FirstFetchTimeout, end.Task)).ToArray();
        _clock.Advance(all.All(fetch => fetch.IsCompleted) ? TimeSpan.FromMilliseconds(100) : takes);
        var late = FetchOutcome.Fail(RejectReasons.FetchTimeout, "late", TimeSpan.Zero);
        end.SetResult(takes < Default.FirstFetchTimeout ? FetchOutcome.Of([1]) : late);
        return await Task.WhenAll(all);
    }

    private Task<FetchOutcome> MakeAsync(string source, string host, TimeSpan patience, Task<FetchOutcome> end) =>
        _attempt.MakeAsync(new Uri($"http://{host}.example/a"), source, patience, _ => end, Token);
}
