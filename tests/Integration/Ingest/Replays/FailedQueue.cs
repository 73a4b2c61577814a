using System.Globalization;
using System.Text;
using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace CpfPipeline.Tests.Integration.Ingest.Replays;

/// <summary>A virtual host with the pipeline's queues, and messages that failed in them.</summary>
internal sealed class FailedQueue : IAsyncDisposable
{
    public const string Target = Topology.ContentStoredQueue;
    public const string Errors = Target + "_error";

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private FailedQueue(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<FailedQueue> CreateAsync(Uri host)
    {
        await using (var topology = new TopologyDeclaration(
            new BrokerAddress(host, null), TimeProvider.System, NullLogger<TopologyDeclaration>.Instance))
        {
            await topology.StartAsync(default);
        }

        var connection = await new ConnectionFactory { Uri = host }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync(Errors, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        foreach (var queue in new[] { Target, Errors, Topology.DeadLetterQueue, Topology.TrainModelQueue })
        {
            await channel.QueuePurgeAsync(queue);
        }

        return new FailedQueue(connection, channel);
    }

    /// <summary>Adds a message as MassTransit leaves one that failed.</summary>
    public async Task AddAsync(long contentId, string exceptionType = "System.InvalidOperationException", DateTimeOffset? at = null) =>
        await _channel.BasicPublishAsync(
            "", Errors, mandatory: true,
            new BasicProperties
            {
                MessageId = contentId.ToString(CultureInfo.InvariantCulture),
                ContentType = "application/vnd.masstransit+json",
                Headers = new Dictionary<string, object?>
                {
                    ["MT-Reason"] = "fault",
                    ["MT-Fault-ExceptionType"] = exceptionType,
                    ["MT-Fault-Message"] = "of a test",
                    ["MT-Fault-Timestamp"] = (at ?? DateTimeOffset.UnixEpoch).ToString("O", CultureInfo.InvariantCulture),
                    ["kept"] = "as sent",
                },
            },
            Encoding.UTF8.GetBytes(
                $$"""
                {"messageType":["urn:message:CpfPipeline.Contracts:{{nameof(ContentStored)}}"],"message":{"contentId":{{contentId}} } }
                """));

    /// <summary>Adds a message of any kind.</summary>
    public async Task AddRawAsync(long id, string body, Dictionary<string, object?>? headers = null) =>
        await _channel.BasicPublishAsync(
            "", Errors, mandatory: true,
            new BasicProperties { MessageId = id.ToString(CultureInfo.InvariantCulture), Headers = headers },
            Encoding.UTF8.GetBytes(body));

    public async Task<uint> CountAsync(string queue) => await _channel.MessageCountAsync(queue);

    /// <summary>Takes everything out of a queue: ids in order, with the headers.</summary>
    public async Task<List<(long Id, IDictionary<string, object?> Headers)>> DrainAsync(string queue)
    {
        var drained = new List<(long, IDictionary<string, object?>)>();
        while (await _channel.BasicGetAsync(queue, autoAck: true) is { } message)
        {
            drained.Add((long.Parse(message.BasicProperties.MessageId!, CultureInfo.InvariantCulture),
                message.BasicProperties.Headers ?? new Dictionary<string, object?>()));
        }

        return drained;
    }

    /// <summary>Delivers the first message of a queue until the broker gives it up, as a process does that dies of it every time.</summary>
    public async Task DieOfFirstAsync(string queue)
    {
        while (await _channel.BasicGetAsync(queue, autoAck: false) is { } message)
        {
            await _channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
