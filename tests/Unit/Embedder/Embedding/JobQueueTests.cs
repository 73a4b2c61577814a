using System.Threading.Channels;
using CpfPipeline.Embedder.Embedding;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Embedding;

public sealed class JobQueueTests
{
    [Fact]
    public async Task TryTake_BothWait_OneOfFiveIsOfTheBackfill()
    {
        using var queue = new JobQueue<string>(100);
        for (var i = 0; i < 100; i++)
        {
            await queue.WriteAsync("backfill", Urgency.Backfill, CancellationToken.None);
            await queue.WriteAsync("arrival", Urgency.Arrival, CancellationToken.None);
        }

        Assert.Equal(20, Enumerable.Range(0, 100).Count(_ => queue.TryTake(out var job) && job == "backfill"));
    }

    [Theory]
    [InlineData(Urgency.Arrival)]
    [InlineData(Urgency.Backfill)]
    public async Task TryTake_OnlyOneSortWaits_NothingIsHeldBack(object only)
    {
        using var queue = new JobQueue<int>(20);
        for (var i = 0; i < 20; i++)
        {
            await queue.WriteAsync(i, (Urgency)only, CancellationToken.None);
        }

        var taken = new List<int>();
        while (queue.TryTake(out var job))
        {
            taken.Add(job);
        }

        Assert.Equal(Enumerable.Range(0, 20), taken);
    }

    [Fact]
    public async Task WriteAsync_ArrivalsFull_OnlyArrivalsWait()
    {
        using var queue = new JobQueue<int>(1);
        await queue.WriteAsync(1, Urgency.Arrival, CancellationToken.None);
        var second = queue.WriteAsync(2, Urgency.Arrival, CancellationToken.None).AsTask();

        await queue.WriteAsync(3, Urgency.Backfill, CancellationToken.None);
        Assert.False(second.IsCompleted);

        Assert.True(queue.TryTake(out _));
        await second;
    }

    [Fact]
    public async Task Close_JobsLeft_AreTakenAndThenEveryWorkerEnds()
    {
        using var queue = new JobQueue<int>(100);
        var workers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                var taken = 0;
                while (queue.Take(out var _))
                {
                    taken++;
                }

                return taken;
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (var i = 0; i < 9_000; i++)
        {
            await queue.WriteAsync(i, i % 2 == 0 ? Urgency.Arrival : Urgency.Backfill, CancellationToken.None);
        }

        queue.Close();

        Assert.Equal(9_000, (await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Sum());
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.WriteAsync(1, Urgency.Arrival, CancellationToken.None).AsTask());
    }
}
