using RabbitMQ.Client;

namespace CpfPipeline.Hosting.Replays;

/// <summary>
/// One pass over a queue of failed messages. It takes all of them without acknowledging any. A chosen one is published to its queue, and
/// acknowledged once the broker has confirmed that. The others are given back one by one, in their order.
/// </summary>
internal sealed class QueuePass : IAsyncDisposable
{
    // All are held until the end, so that what stays keeps its place. This bounds the memory: messages are small.
    private const int MaxHeld = 100_000;
    private const int MaxUnconfirmed = 100;
    private const int ReportEvery = 500;

    // Quorum queues count each look as a delivery, and drop a message that was delivered too often (by policy after 5, in RabbitMQ 4 after
    // 20). Before that its place is taken by a fresh copy.
    private const int MaxDeliveries = 3;

    private readonly IChannel _reading;
    private readonly IChannel _writing;
    private readonly string _queue;
    private readonly ReplayFilter _filter;
    private readonly bool _isDryRun;
    private readonly ReplayTally _tally;
    private readonly List<BasicGetResult> _kept = [];
    private readonly List<(ulong DeliveryTag, ValueTask Confirmed)> _sent = [];

    private QueuePass(IChannel reading, IChannel writing, string queue, ReplayFilter filter, bool isDryRun, ReplayTally tally) =>
        (_reading, _writing, _queue, _filter, _isDryRun, _tally) = (reading, writing, queue, filter, isDryRun, tally);

    public static async Task<QueuePass> BeginAsync(
        IConnection connection, string queue, ReplayFilter filter, bool isDryRun, ReplayTally tally, CancellationToken cancellationToken)
    {
        var reading = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var confirmed = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);
        return new QueuePass(
            reading, await connection.CreateChannelAsync(confirmed, cancellationToken), queue, filter, isDryRun, tally);
    }

    /// <param name="ready">Messages to look at: those that fail again meanwhile are not looked at twice.</param>
    /// <param name="report">Is called every few hundred messages.</param>
    /// <param name="cancellationToken">Ends the pass after what is in hand.</param>
    public async Task RunAsync(uint ready, Func<Task> report, CancellationToken cancellationToken)
    {
        try
        {
            for (var n = 0; n < Math.Min(ready, MaxHeld) && !_tally.IsFull; n++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await _reading.BasicGetAsync(_queue, autoAck: false, cancellationToken) is not { } message)
                {
                    break;
                }

                await TakeAsync(message);
                if ((n + 1) % ReportEvery == 0)
                {
                    await SettleAsync();
                    await report();
                }
            }
        }
        catch (OperationCanceledException) when (_reading.IsOpen)
        {
            await SettleAsync();
            await GiveBackAsync();
            throw;
        }

        await SettleAsync();
        await GiveBackAsync();
        await report();
    }

    // What was not given back goes back with the channel.
    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
    }

    private async Task TakeAsync(BasicGetResult message)
    {
        _tally.Look();
        var failed = FailedMessageReader.Read(_queue, message.BasicProperties, message.Body.Span);
        if (!_filter.Chooses(failed))
        {
            _kept.Add(message);
            return;
        }

        _tally.Choose(failed);
        if (_isDryRun)
        {
            _kept.Add(message);
            return;
        }

        _sent.Add((message.DeliveryTag, Publish(failed.Target!, FailedMessageReader.ForReturn(message.BasicProperties), message)));
        if (_sent.Count >= MaxUnconfirmed)
        {
            await SettleAsync();
        }
    }

    // To the queue itself. Mandatory: a queue that is not there is an error, and the message stays.
    private ValueTask Publish(string queue, BasicProperties properties, BasicGetResult message) =>
        _writing.BasicPublishAsync(string.Empty, queue, mandatory: true, properties, message.Body, CancellationToken.None);

    private async Task SettleAsync()
    {
        foreach (var (deliveryTag, confirmed) in _sent)
        {
            await confirmed;
            await _reading.BasicAckAsync(deliveryTag, multiple: false, CancellationToken.None);
            _tally.PutBack++;
        }

        _sent.Clear();
    }

    private async Task GiveBackAsync()
    {
        if (_kept.Exists(m => FailedMessageReader.Deliveries(m.BasicProperties) >= MaxDeliveries))
        {
            foreach (var message in _kept)
            {
                var properties = new BasicProperties(message.BasicProperties);
                properties.Headers?.Remove("x-delivery-count");
                await Publish(_queue, properties, message);
                await _reading.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None);
            }
        }
        else
        {
            foreach (var message in _kept)
            {
                await _reading.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true, CancellationToken.None);
            }
        }

        _kept.Clear();
    }
}
