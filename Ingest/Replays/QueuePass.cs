using RabbitMQ.Client;

namespace CpfPipeline.Ingest.Replays;

/// <summary>
/// One pass over a queue of failed messages, each of which is taken once. A chosen one is published to its queue, any other behind the last
/// one of its own, and acknowledged once the broker has confirmed that. After the pass those that stay are in their order again.
/// </summary>
/// <remarks>
/// They are not given back by negative acknowledgements: quorum queues do not keep the order then, and they drop a message that was given
/// back too often (by policy after 5 times, in RabbitMQ 4 after 20).
/// </remarks>
internal sealed class QueuePass : IAsyncDisposable
{
    private const int MaxUnconfirmed = 100;
    private const int ReportEvery = 500;

    // A broker that is out of memory or disk takes nothing. The pass ends then, and what is not confirmed is where it was.
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(250);

    private readonly IChannel _reading;
    private readonly IChannel _writing;
    private readonly string _queue;
    private readonly ReplayFilter _filter;
    private readonly bool _isDryRun;
    private readonly ReplayTally _tally;
    private readonly Queue<Moved> _moved = [];
    private bool _hasTurned;

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
    /// <param name="cancellationToken">No more are chosen then, but the pass goes on to its end for the sake of the order.</param>
    public async Task RunAsync(uint ready, Func<Task> report, CancellationToken cancellationToken)
    {
        try
        {
            await TurnAsync(ready, report, cancellationToken);
        }
        finally
        {
            // Whatever broke off the pass: what was published must not come back beside its copy.
            if (_reading.IsOpen)
            {
                await SettleAsync();
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        await report();
    }

    private async Task TurnAsync(uint ready, Func<Task> report, CancellationToken cancellationToken)
    {
        for (var n = 0; n < ready && (_hasTurned || !IsOver(cancellationToken)); n++)
        {
            if (await _reading.BasicGetAsync(_queue, autoAck: false, CancellationToken.None) is not { } message)
            {
                break;
            }

            Take(message, IsOver(cancellationToken));
            if (_moved.Count >= MaxUnconfirmed)
            {
                await SettleAsync();
            }

            if ((n + 1) % ReportEvery == 0 && !cancellationToken.IsCancellationRequested)
            {
                await SettleAsync();
                await report();
            }
        }
    }

    // A quorum queue takes its time for acknowledgements: a channel that closes at once is faster than its last ones, and such a message
    // would lie in both queues.
    public async ValueTask DisposeAsync()
    {
        if (_reading.IsOpen)
        {
            await Task.Delay(Settling, TimeProvider.System, CancellationToken.None);
        }

        await _writing.DisposeAsync();
        await _reading.DisposeAsync();
    }

    private bool IsOver(CancellationToken cancellationToken) => _tally.IsFull || cancellationToken.IsCancellationRequested;

    private void Take(BasicGetResult message, bool onlyTurn)
    {
        _tally.Look();
        var failed = FailedMessageReader.Read(_queue, message.BasicProperties, message.Body.Span);
        var isChosen = !onlyTurn && _filter.Chooses(failed);
        if (isChosen)
        {
            _tally.Choose(failed);
        }

        var goes = isChosen && !_isDryRun;
        _hasTurned |= !goes;

        // To the queue itself. Mandatory: a queue that is not there is an error, and the message stays.
        _moved.Enqueue(new(message.DeliveryTag, goes, _writing.BasicPublishAsync(
            string.Empty, goes ? failed.Target! : _queue, mandatory: true,
            goes ? FailedMessageReader.ForReturn(message.BasicProperties, failed) : FailedMessageReader.ForStay(message.BasicProperties),
            message.Body, CancellationToken.None)));
    }

    private async Task SettleAsync()
    {
        while (_moved.TryDequeue(out var moved))
        {
            await moved.Confirmed.AsTask().WaitAsync(ConfirmPatience, TimeProvider.System);
            await _reading.BasicAckAsync(moved.DeliveryTag, multiple: false, CancellationToken.None);
            _tally.PutBack += moved.Goes ? 1 : 0;
        }
    }

    private readonly record struct Moved(ulong DeliveryTag, bool Goes, ValueTask Confirmed);
}
