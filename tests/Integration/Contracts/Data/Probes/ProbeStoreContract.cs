using CpfPipeline.Data.Probes;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Probes;

/// <summary>What every probe store does, wherever it keeps the parts.</summary>
public abstract class ProbeStoreContract
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract IProbeStore Store { get; }

    /// <summary>Names of all that is kept of probes.</summary>
    private protected abstract IEnumerable<string> Kept { get; }

    /// <summary>Makes a probe older.</summary>
    private protected abstract void Age(Guid probe, TimeSpan by);

    /// <summary>Puts something beside the probes that is none.</summary>
    /// <returns>Whether it is still there.</returns>
    private protected abstract Func<bool> PutSomethingElse();

    [Fact]
    public async Task Parts_OfAProbe_AreThereUntilItIsDeleted()
    {
        var probe = Guid.NewGuid();
        await Store.BeginAsync(probe, Token);
        Assert.Equal(3, await Store.ReceiveAsync(probe, new MemoryStream([1, 2, 3]), 3, Token));

        Assert.Equal([1, 2, 3], await Store.ReadAsync(probe, ProbePart.Received, Token));
        Assert.Null(await Store.ReadAsync(probe, ProbePart.Checked, Token));
        Assert.True(await Store.WriteAsync(probe, ProbePart.Checked, new byte[] { 4 }, Token));
        Assert.True(await Store.ExistsAsync(probe, ProbePart.Checked, Token));
        Assert.Equal([4], await Store.ReadAsync(probe, ProbePart.Checked, Token));
        await Store.DeleteAsync(probe, Token);
        Assert.Null(await Store.ReadAsync(probe, ProbePart.Received, Token));
        await Store.DeleteAsync(probe, Token);
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task WriteAsync_NobodyWaitsAnyMore_KeepsNothing()
    {
        var probe = Guid.NewGuid();
        Assert.False(await Store.WriteAsync(probe, ProbePart.Answer, new byte[] { 1 }, Token));
        await Store.BeginAsync(probe, Token);
        Assert.True(await Store.IsWaitedForAsync(probe, Token));
        await Store.DeleteAsync(probe, Token);
        Assert.False(await Store.IsWaitedForAsync(probe, Token));

        Assert.False(await Store.WriteAsync(probe, ProbePart.Answer, new byte[] { 1 }, Token));
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task ReceiveAsync_TooManyBytes_KeepsNone()
    {
        var probe = Guid.NewGuid();
        await Store.BeginAsync(probe, Token);

        Assert.Null(await Store.ReceiveAsync(probe, new MemoryStream(new byte[200_001]), 200_000, Token));

        Assert.Null(await Store.ReadAsync(probe, ProbePart.Received, Token));
        Assert.Equal(200_000, await Store.ReceiveAsync(probe, new MemoryStream(new byte[200_000]), 200_000, Token));
        await Store.DeleteAsync(probe, Token);
        Assert.Empty(Kept);
    }

    [Fact]
    public async Task DeleteOlderAsync_ByAge_LeavesThoseThatAreWaitedFor()
    {
        var (old, young) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(0, await Store.DeleteOlderAsync(DateTimeOffset.MaxValue, Token));
        foreach (var probe in (Guid[])[old, young])
        {
            await Store.BeginAsync(probe, Token);
            await Store.WriteAsync(probe, ProbePart.Received, new byte[] { 1 }, Token);
        }

        var now = TimeProvider.System.GetUtcNow();
        Age(old, TimeSpan.FromMinutes(11));
        var isStillThere = PutSomethingElse();

        Assert.Equal(1, await Store.DeleteOlderAsync(now.AddMinutes(-10), Token));

        Assert.Null(await Store.ReadAsync(old, ProbePart.Received, Token));
        Assert.NotNull(await Store.ReadAsync(young, ProbePart.Received, Token));
        Assert.Equal(1, await Store.DeleteOlderAsync(DateTimeOffset.MaxValue, Token));
        Assert.True(isStillThere());
    }
}
