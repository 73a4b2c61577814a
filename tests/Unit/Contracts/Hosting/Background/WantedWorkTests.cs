using CpfPipeline.Hosting.Background;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Background;

public sealed class WantedWorkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Look_NotWantedAnyMore_StopsTheWorkAndLooksNoMore()
    {
        var looks = new Looks(true, true, false, true);
        await using var work = new WantedWork(looks.NextAsync, looks, CancellationToken.None);

        await StoppedAsync(work);

        Assert.True(work.IsUnwanted);
        Assert.Equal(3, looks.Count);
    }

    [Fact]
    public async Task Look_Outage_SaysNothing()
    {
        var looks = new Looks(new NpgsqlException("away", new IOException("reset")), new TimeoutException("slow"), false);
        await using var work = new WantedWork(looks.NextAsync, looks, CancellationToken.None);

        await StoppedAsync(work);

        Assert.True(work.IsUnwanted);
        Assert.Equal(3, looks.Count);
    }

    [Fact]
    public async Task Look_AnotherFault_StopsTheWorkAndIsThrownAtItsEnd()
    {
        var looks = new Looks(true, new InvalidOperationException("no such column"));
        var work = new WantedWork(looks.NextAsync, looks, CancellationToken.None);

        await StoppedAsync(work);

        Assert.False(work.IsUnwanted);
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => work.DisposeAsync().AsTask());
        Assert.Equal("no such column", thrown.Message);
    }

    [Fact]
    public async Task Dispose_DuringALook_CancelsItAndNotTheWork()
    {
        var looking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var work = new WantedWork(
            async token =>
            {
                looking.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return false;
            },
            new Looks(), CancellationToken.None);
        await looking.Task.WaitAsync(Patience);
        var isStopped = false;
        await using var registration = work.Stop.Register(() => isStopped = true);

        await work.DisposeAsync().AsTask().WaitAsync(Patience);

        Assert.False(isStopped);
        Assert.False(work.IsUnwanted);
    }

    [Fact]
    public async Task Cancel_FromOutside_StopsTheWork()
    {
        using var outside = new CancellationTokenSource();
        await using var work = new WantedWork(_ => Task.FromResult(true), TimeProvider.System, outside.Token);

        await outside.CancelAsync();

        Assert.True(work.Stop.IsCancellationRequested);
        Assert.False(work.IsUnwanted);
    }

    private static async Task StoppedAsync(WantedWork work)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = work.Stop.Register(stopped.SetResult);
        await stopped.Task.WaitAsync(Patience);
    }

    /// <summary>Says what each look finds, on a clock without seconds.</summary>
    private sealed class Looks(params object[] findings) : TimeProvider
    {
        public int Count { get; private set; }

        public Task<bool> NextAsync(CancellationToken cancellationToken) =>
            findings[Count++] is Exception e ? Task.FromException<bool>(e) : Task.FromResult((bool)findings[Count - 1]);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
    }
}
