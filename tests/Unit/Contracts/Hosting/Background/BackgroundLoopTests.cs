using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CpfPipeline.Hosting.Background;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Background;

public sealed class BackgroundLoopTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Step_SameBugAgainAndAgain_IsLoggedWithItsStackOnceAndBackedOff()
    {
        var loop = await RunAsync(Fail("a"), Fail("a"), Fail("a"), null, Fail("a"));

        Assert.Equal([250, 500, 1000, 250, 250], loop.Pauses.Select(p => p.TotalMilliseconds));
        Assert.Equal([LogLevel.Error, LogLevel.Information, LogLevel.Warning, LogLevel.Information], loop.Lines.Select(l => l.Level));
        Assert.Equal([true, false, false, false], loop.Lines.Select(l => l.Exception is not null));
        Assert.Contains("after 3 failures", loop.Lines[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_DistinctErrors_EachIsLoggedWithItsStack()
    {
        var loop = await RunAsync(Fail("a"), Fail("b"), Fail("a"));

        Assert.Equal(["a", "b", null], loop.Lines.Take(3).Select(l => l.Exception?.Message));
    }

    [Fact]
    public async Task Step_ServerIsGone_IsAWarningAndThePauseIsBounded()
    {
        var loop = await RunAsync([.. Enumerable.Repeat((Exception?)new NpgsqlException("gone"), 60)]);

        Assert.Equal(LogLevel.Warning, loop.Lines[0].Level);
        Assert.Equal(TimeSpan.FromSeconds(30), loop.Pauses.Max());
    }

    [Fact]
    public async Task Step_PauseIsLongerThanTheBound_IsKept()
    {
        var loop = await RunAsync("test", TimeSpan.FromMinutes(1), Fail("a"), Fail("a"));

        Assert.Equal([60, 60], loop.Pauses.Select(p => p.TotalSeconds));
    }

    [Fact]
    public async Task Step_MessageIsDifferentEachTime_StacksAreBounded()
    {
        var loop = await RunAsync([.. Enumerable.Range(0, 150).Select(i => Fail($"request {i}"))]);

        Assert.Equal(100, loop.Lines.Count(l => l.Exception is not null));
        Assert.Equal(50, loop.Lines.Count(l => l.Level == LogLevel.Warning));
    }

    [Fact]
    public async Task Step_Fails_IsCountedByLoopAndError()
    {
        var counted = new ConcurrentBag<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "cpf.loop.failures")
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            counted.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value).Append(value))));
        listener.Start();

        await RunAsync("counted", Pause, Fail("a"), Fail("b"));

        Assert.Equal(2, counted.Count(c => c == "counted InvalidOperationException 1"));
        Assert.Contains("counted 0", counted); // There before the first failure.
    }

    [Fact]
    public async Task Stop_WhileWhatAStepBeganGoesOn_WaitsForIt()
    {
        var loop = new BeginningLoop();
        await loop.StartAsync(CancellationToken.None);
        await loop.Begun.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        var stop = loop.StopAsync(CancellationToken.None);
        await Task.WhenAny(stop, loop.Ending).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.False(stop.IsCompleted);

        loop.Rest.SetResult();

        await stop.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
    }

    [Fact]
    public async Task Start_WhatTheFirstStepWaitsFor_ComesBeforeIt()
    {
        var loop = new BeginningLoop();
        loop.Rest.SetResult();
        await loop.StartAsync(CancellationToken.None);

        Assert.True(await loop.Begun.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System));

        await loop.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stop_DuringThePauseAfterAFailure_EndsIt()
    {
        var time = new StandingTime();
        var loop = new ScriptedLoop("test", Pause, time, new ListLogger(), [Fail("a")]);
        await loop.StartAsync(CancellationToken.None);
        await time.Paused.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

        await loop.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    private static InvalidOperationException Fail(string message) => new(message);

    private static Task<ScriptedLoop> RunAsync(params Exception?[] steps) => RunAsync("test", Pause, steps);

    // Ends when a step after the given ones has succeeded.
    private static async Task<ScriptedLoop> RunAsync(string name, TimeSpan pause, params Exception?[] steps)
    {
        var time = new InstantTime();
        var log = new ListLogger();
        var loop = new ScriptedLoop(name, pause, time, log, steps);
        await loop.StartAsync(CancellationToken.None);
        await loop.Finished.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await loop.StopAsync(CancellationToken.None);
        return loop;
    }

    private sealed class ScriptedLoop(string name, TimeSpan pause, TimeProvider time, ListLogger log, IReadOnlyList<Exception?> steps)
        : BackgroundLoop(name, pause, time, log)
    {
        private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _next;

        public Task Finished => _finished.Task;

        public IReadOnlyList<TimeSpan> Pauses => [.. ((InstantTime)Time).Pauses.Take(steps.Count)];

        public IReadOnlyList<(LogLevel Level, string Text, Exception? Exception)> Lines => [.. log.Lines];

        protected override async Task StepAsync(CancellationToken cancellationToken)
        {
            if (_next < steps.Count)
            {
                if (steps[_next++] is { } failure)
                {
                    throw failure;
                }

                return;
            }

            if (_next++ > steps.Count)
            {
                _finished.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
    }

    private sealed class BeginningLoop() : BackgroundLoop("beginning", Pause, TimeProvider.System, new ListLogger())
    {
        private readonly TaskCompletionSource<bool> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _isReady;

        /// <summary>The first step has begun. Whether what it waits for had come.</summary>
        public Task<bool> Begun => _begun.Task;

        /// <summary>The last step has ended.</summary>
        public Task Ending => _ending.Task;

        public TaskCompletionSource Rest { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task StepAsync(CancellationToken cancellationToken)
        {
            _begun.TrySetResult(_isReady);
            return Task.CompletedTask;
        }

        protected override async Task BeforeFirstStepAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            _isReady = true;
        }

        protected override Task AfterLastStepAsync()
        {
            _ending.TrySetResult();
            return Rest.Task;
        }
    }
}
