using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Counts messages in queues, over one channel. The broker answers a question about a queue that is not there by closing the channel, and
/// writes an error into its log: so it is not asked again within a minute. That holds for queues that come with their first message. Any
/// other is missing for moments at most, such as the start of the broker, and work may wait in it.
/// </summary>
/// <param name="connect">Gives the connection, a new one when the last broke.</param>
/// <param name="time">The clock.</param>
internal sealed class QueueCounter(Func<CancellationToken, Task<IConnection>> connect, TimeProvider time) : IAsyncDisposable
{
    private const ushort NotFound = 404;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _missing = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IChannel? _channel;

    /// <summary>Messages ready in a queue; null when there is none of this name, or was none a moment ago.</summary>
    public async Task<uint?> CountAsync(string queue, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_missing.TryGetValue(queue, out var at) && time.GetElapsedTime(at) < Remembered)
            {
                return null;
            }

            _missing.Remove(queue);
            return await AskAsync(queue, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _gate.Dispose();
    }

    private async Task<uint?> AskAsync(string queue, CancellationToken cancellationToken)
    {
        var isKept = false;
        try
        {
            if (_channel is not { IsOpen: true })
            {
                await DropAsync();
                _channel = await (await connect(cancellationToken)).CreateChannelAsync(cancellationToken: cancellationToken);
            }

            var count = await _channel.MessageCountAsync(queue, cancellationToken);
            isKept = true;
            return count;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == NotFound)
        {
            if (queue.EndsWith("_error", StringComparison.Ordinal) || queue.EndsWith("_skipped", StringComparison.Ordinal))
            {
                _missing[queue] = time.GetTimestamp();
            }

            return null;
        }
        finally
        {
            // The answer to a question that was broken off must not be taken for that to the next one.
            if (!isKept)
            {
                await DropAsync();
            }
        }
    }

    private async ValueTask DropAsync()
    {
        if (_channel is { } channel)
        {
            _channel = null;
            await channel.DisposeAsync();
        }
    }
}
