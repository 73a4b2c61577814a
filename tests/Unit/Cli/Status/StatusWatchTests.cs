using CpfPipeline.Cli.Status;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Status;

public sealed class StatusWatchTests
{
    [Fact]
    public async Task WriteChangesAsync_StatusThatStays_IsWrittenOnce()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        long[] received = [5, 5, 3, 3, 0];
        var reads = 0;
        var output = new StringWriter();
        var watch = new StatusWatch(
            _ =>
            {
                var counts = new PipelineCounts(new(10, received[reads], 0, 0), 5, received[reads], 0, 0, 0, null, null);
                if (++reads == received.Length)
                {
                    stop.Cancel();
                }

                return Task.FromResult(StatusReport.Of([], counts));
            },
            new ImpatientClock());

        await watch.WriteChangesAsync(output, stop.Token);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["5 received", "3 received", "0 received"], lines.Select(l => l.Split(", ")[1]));
        Assert.Contains("groups not exact: 5 unmatched", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task DrawAsync_Interrupted_EndsWithoutAnError()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var drawn = 0;

        await new StatusWatch(_ => Task.FromResult(StatusReport.Of([], null)), new ImpatientClock()).DrawAsync(
            _ =>
            {
                if (++drawn == 3)
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        Assert.Equal(3, drawn);
    }

    /// <summary>Its pauses are over at once.</summary>
    private sealed class ImpatientClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
