using CpfPipeline.Contracts;
using CpfPipeline.Ingest.Probes;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Checks a probe and passes it on, for as long as somebody waits for it.</summary>
internal sealed class CheckProbeConsumer(ProbeCheck check, TimeProvider time) : IConsumer<CheckProbe>
{
    public async Task Consume(ConsumeContext<CheckProbe> context)
    {
        if (await check.CheckAsync(context.Message.ProbeId, context.Message.Uri, context.CancellationToken))
        {
            var left = context.ExpirationTime - time.GetUtcNow().UtcDateTime;
            await context.Publish(
                new EmbedProbe { ProbeId = context.Message.ProbeId },
                message => message.TimeToLive = left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(1), context.CancellationToken);
        }
    }
}
