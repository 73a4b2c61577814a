using RabbitMQ.Client;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Empties a queue that has no consumer here.</summary>
internal sealed class QueueDrain(IConnection connection, IChannel channel, string queue) : IAsyncDisposable
{
    public static async Task<QueueDrain> StartAsync(Uri rabbitMq, string queue, CancellationToken cancellationToken)
    {
        var connection = await new ConnectionFactory { Uri = rabbitMq }.CreateConnectionAsync(cancellationToken);
        return new QueueDrain(connection, await connection.CreateChannelAsync(cancellationToken: cancellationToken), queue);
    }

    public Task PurgeAsync(CancellationToken cancellationToken) => channel.QueuePurgeAsync(queue, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
