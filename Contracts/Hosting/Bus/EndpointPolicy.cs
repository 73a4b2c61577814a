using CpfPipeline.Data.Outages;
using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>How every receive endpoint of the pipeline behaves.</summary>
public static class EndpointPolicy
{
    /// <summary>
    /// A durable quorum queue. A message that meets a broken server waits, with growing pauses, for about a minute. When the server is
    /// certainly away it then goes to the end of its queue, and so on for as long as the outage lasts; otherwise to the <c>_error</c>
    /// queue with its reason. A batch that fails comes again one by one (<see cref="Batches"/>). A message that fails for any other reason
    /// is tried again within seconds, and then goes to the <c>_error</c> queue, so that the others go on.
    /// </summary>
    /// <param name="endpoint">The endpoint of a ConsumerDefinition.</param>
    /// <param name="prefetch">Messages held unacknowledged; at least MessageLimit x ConcurrencyLimit of a batch consumer.</param>
    /// <param name="inOrder">
    /// Whether messages must stay in order: then one that meets a broken server waits for 20 minutes, and goes back to where it was.
    /// </param>
    public static void UsePolicy(this IReceiveEndpointConfigurator endpoint, int prefetch, bool inOrder = false)
    {
        var chance = Chance();
        endpoint.UsePolicy(
            prefetch, () => inOrder ? RetryPauses.OfOutagesInOrder(chance) : RetryPauses.OfOutages(chance), inOrder);
    }

    /// <summary>The same with other pauses while a server is broken.</summary>
    internal static void UsePolicy(
        this IReceiveEndpointConfigurator endpoint, int prefetch, Func<TimeSpan[]> pauses, bool inOrder = false)
    {
        endpoint.UseQuorumQueue(prefetch);
        endpoint.UseMessageRetry(retry => retry.SetRetryPolicy(_ => new OutagePolicy(pauses)));
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<Exception>(e => e is BatchFaultedException || Outage.IsOne(e));
            retry.Intervals(RetryPauses.OfFaults);
        });
        endpoint.ConfigureError(error =>
        {
            error.UseFilter(new GiveBackFilter(inOrder));
            error.UseFilter(new MassTransit.Middleware.GenerateFaultFilter());
            error.UseFilter(new MassTransit.Middleware.ErrorTransportFilter());
        });
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

    // A sequence of its own for each endpoint and process: the same pauses everywhere would bring all messages back at once.
    private static Func<double> Chance()
    {
        var random = new Random(HashCode.Combine(Environment.ProcessId, Guid.NewGuid()));
        return () =>
        {
            lock (random)
            {
                return random.NextDouble();
            }
        };
    }
}
