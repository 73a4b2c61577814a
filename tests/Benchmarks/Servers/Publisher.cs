using MassTransit;

namespace CpfPipeline.Tests.Benchmarks.Servers;

/// <summary>Publishes messages as the services do, with confirmation of the broker.</summary>
internal sealed class Publisher : IAsyncDisposable
{
    private const int AtOnce = 500;
    private readonly IBusControl _bus;

    private Publisher(IBusControl bus) => _bus = bus;

    public static async Task<Publisher> StartAsync(Uri rabbitMq, CancellationToken cancellationToken)
    {
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit => rabbit.Host(rabbitMq, host => host.PublisherConfirmation = true));
        await bus.StartAsync(cancellationToken);
        return new Publisher(bus);
    }

    /// <summary>Publishes events; returns when the broker has all of them.</summary>
    public async Task PublishAsync<T>(IEnumerable<T> messages, CancellationToken cancellationToken)
        where T : class
    {
        foreach (var chunk in messages.Chunk(AtOnce))
        {
            await Task.WhenAll(chunk.Select(message => _bus.Publish(message, cancellationToken)));
        }
    }

    /// <summary>Sends commands through the exchange of their queue; returns when the broker has all of them.</summary>
    public async Task SendAsync<T>(string queue, IEnumerable<T> messages, CancellationToken cancellationToken)
        where T : class
    {
        var endpoint = await _bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
        foreach (var chunk in messages.Chunk(AtOnce))
        {
            await Task.WhenAll(chunk.Select(message => endpoint.Send(message, cancellationToken)));
        }
    }

    public async ValueTask DisposeAsync() => await _bus.StopAsync(TimeSpan.FromSeconds(10));
}
