using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CpfPipeline.Hosting.Bus;

/// <summary>Declares <see cref="Topology"/> on the broker at start-up, exactly as MassTransit would, and reads queue lengths.</summary>
internal sealed class TopologyDeclaration : IHostedService, IQueueLengths, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly BrokerAddress _address;
    private readonly TimeProvider _time;
    private readonly ILogger<TopologyDeclaration> _logger;
    private readonly QueueCounter _counter;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private IConnection? _connection;

    public TopologyDeclaration(BrokerAddress address, TimeProvider time, ILogger<TopologyDeclaration> logger)
    {
        (_address, _time, _logger) = (address, time, logger);
        _counter = new QueueCounter(ConnectAsync, time);
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var deadline = _time.GetUtcNow() + Patience;
        while (true)
        {
            try
            {
                await DeclareAsync(cancellationToken);
                return;
            }
            catch (BrokerUnreachableException e) when (_time.GetUtcNow() < deadline)
            {
                Log.BrokerNotReached(_logger, _address.Uri.Host, _address.Uri.Port, (e.InnerException ?? e).Message);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Messages ready in each queue of the pipeline. Queues of failed messages (error, skipped, dead letters) appear only when they hold
    /// any, within a minute.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, uint>> ReadQueueLengthsAsync(CancellationToken cancellationToken)
    {
        var lengths = new SortedDictionary<string, uint>(StringComparer.Ordinal);
        foreach (var (queue, _) in Topology.Bindings)
        {
            if (await ReadQueueLengthAsync(queue, cancellationToken) is { } ready)
            {
                lengths[queue] = ready;
            }

            await AddUnlessEmptyAsync(lengths, $"{queue}_error", cancellationToken);
            await AddUnlessEmptyAsync(lengths, $"{queue}_skipped", cancellationToken);
        }

        await AddUnlessEmptyAsync(lengths, Topology.DeadLetterQueue, cancellationToken);
        return lengths;
    }

    /// <inheritdoc/>
    public Task<uint?> ReadQueueLengthAsync(string queue, CancellationToken cancellationToken) =>
        _counter.CountAsync(queue, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _counter.DisposeAsync();
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var (queue, message) in Topology.Bindings)
        {
            await DeclareExchangeAsync(channel, ExchangeOf(message), cancellationToken);
            await DeclareQueueAsync(channel, queue, cancellationToken);
            await channel.ExchangeBindAsync(queue, ExchangeOf(message), string.Empty, cancellationToken: cancellationToken);
        }

        await DeclareQueueAsync(channel, Topology.DeadLetterQueue, cancellationToken);
        foreach (var message in Topology.PublishedEvents)
        {
            await DeclareExchangeAsync(channel, ExchangeOf(message), cancellationToken);
        }
    }

    private static async Task DeclareQueueAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        await DeclareExchangeAsync(channel, queue, cancellationToken);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false,
            Topology.InOrder.Contains(queue)
                ? new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-single-active-consumer"] = true }
                : new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue, queue, string.Empty, cancellationToken: cancellationToken);
    }

    private static Task DeclareExchangeAsync(IChannel channel, string exchange, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);

    // MassTransit's name of a message's exchange.
    private static string ExchangeOf(Type message) => $"{message.Namespace}:{message.Name}";

    private async Task AddUnlessEmptyAsync(SortedDictionary<string, uint> lengths, string queue, CancellationToken cancellationToken)
    {
        if (await ReadQueueLengthAsync(queue, cancellationToken) is { } ready and > 0)
        {
            lengths[queue] = ready;
        }
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true })
            {
                return _connection;
            }

            if (_connection is not null)
            {
                await _connection.DisposeAsync();
            }

            return _connection = await _address.Factory("cpf topology").CreateConnectionAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }
}
