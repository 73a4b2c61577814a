using CpfPipeline.Nights.Runs;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Runs;

public sealed class RunSignalTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitAsync_SetBefore_EndsAtOnce()
    {
        using var signal = new RunSignal();
        signal.Set();

        await signal.WaitAsync(Long, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task WaitAsync_SetDuringIt_Ends()
    {
        using var signal = new RunSignal();
        var wait = signal.WaitAsync(Long, Token);
        Assert.False(wait.IsCompleted);

        signal.Set();

        await wait.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public void WaitAsync_SetTwiceBefore_EndsOnce()
    {
        using var signal = new RunSignal();
        signal.Set();
        signal.Set();

        Assert.True(signal.WaitAsync(Long, Token).IsCompleted);
        Assert.False(signal.WaitAsync(Long, Token).IsCompleted);
    }
}
