using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>How every receive endpoint of the pipeline behaves.</summary>
public static class EndpointPolicy
{
    /// <summary>
    /// A durable quorum queue. Broken infrastructure is retried with growing pauses, about a minute in all, which outlasts a restart of
    /// PostgreSQL. Then the message goes to the <c>_error</c> queue. The retry is in memory, so it must stay far below the broker's
    /// acknowledgement limit of 30 minutes.
    /// </summary>
    /// <param name="endpoint">The endpoint of a ConsumerDefinition.</param>
    /// <param name="prefetch">Messages held unacknowledged; at least MessageLimit x ConcurrencyLimit of a batch consumer.</param>
    public static void UsePolicy(this IReceiveEndpointConfigurator endpoint, int prefetch)
    {
        endpoint.UseQuorumQueue(prefetch);
        endpoint.UseMessageRetry(retry => retry.Intervals(
            TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5),
            TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(30)));
    }

    /// <summary>
    /// The same for requests that somebody waits for: what fails is neither tried again nor kept, since whoever still wants to know asks
    /// again.
    /// </summary>
    public static void UsePolicyOfRequests(this IReceiveEndpointConfigurator endpoint, int prefetch)
    {
        endpoint.UseQuorumQueue(prefetch);
        endpoint.DiscardFaultedMessages();
    }

    private static void UseQuorumQueue(this IReceiveEndpointConfigurator endpoint, int prefetch)
    {
        endpoint.PrefetchCount = prefetch;
        endpoint.PublishFaults = false;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.SetQuorumQueue();
        }
    }
}
