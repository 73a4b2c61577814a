using CpfPipeline.Contracts;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher.Grouping;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>Contents lost an image: those that are not live any more leave their groups.</summary>
internal sealed class ContentReleasedConsumer(GroupUpdater updater) : IConsumer<Batch<ContentReleased>>
{
    public Task Consume(ConsumeContext<Batch<ContentReleased>> context) =>
        context.TogetherAsync(() => updater.RefreshAsync(
            [.. context.Message.SelectMany(m => m.Message.ContentIds)], context.CancellationToken));
}
