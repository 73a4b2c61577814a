using System.Net.Mime;
using CpfPipeline.Hosting.Bus;
using MassTransit;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>How Ingest's two endpoints receive.</summary>
internal static class IncomingEndpoint
{
    /// <summary>Sets the pipeline's policy, batching, and a deserializer for bodies of any content type.</summary>
    public static void Configure<TConsumer, TMessage>(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<TConsumer> consumer, IRegistrationContext context)
        where TConsumer : class
        where TMessage : class
    {
        var options = context.GetRequiredService<IOptions<IngestOptions>>().Value;
        var time = context.GetRequiredService<TimeProvider>();
        var logger = context.GetRequiredService<ILogger<IncomingDeserializer>>();
        endpoint.UsePolicy(prefetch: options.BatchSize * options.BatchConcurrency);
        var retractions = typeof(TConsumer) == typeof(RetractImageConsumer);
        endpoint.AddDeserializer(new IncomingDeserializer(new ContentType("application/vnd.masstransit+json"), retractions, time, logger));
        endpoint.AddDeserializer(new IncomingDeserializer(new ContentType("application/json"), retractions, time, logger), isDefault: true);
        consumer.Options<BatchOptions>(batch => batch
            .SetMessageLimit(options.BatchSize)
            .SetTimeLimit(options.BatchTimeLimit)
            .SetConcurrencyLimit(options.BatchConcurrency)
            .AloneWhenRedelivered<TMessage>());
    }
}
