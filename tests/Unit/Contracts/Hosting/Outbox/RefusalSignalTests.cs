using CpfPipeline.Hosting.Outbox;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Outbox;

/// <summary>The transport tries a refused message again and again; the signal ends that.</summary>
public sealed class RefusalSignalTests
{
    [Fact]
    public async Task PublishAsync_TransportThatTriesARefusedMessageForEver_EndsWithTheRefusal()
    {
        using var signal = new RefusalSignal(CancellationToken.None);
        var refusal = new PublishException(1, isReturn: false);

        var thrown = await Assert.ThrowsAsync<PublishException>(() => signal.PublishAsync(async token =>
        {
            await signal.FailedAsync(new IOException("the connection broke")); // This is tried again.
            Assert.False(token.IsCancellationRequested);
            await signal.FailedAsync(refusal);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        }));

        Assert.Same(refusal, thrown);
    }

    [Fact]
    public async Task PublishAsync_CancelledFromOutside_IsCancelled()
    {
        using var outside = new CancellationTokenSource();
        using var signal = new RefusalSignal(outside.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => signal.PublishAsync(async token =>
        {
            await outside.CancelAsync();
            token.ThrowIfCancellationRequested();
        }));
    }
}
