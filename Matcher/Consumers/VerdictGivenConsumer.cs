using CpfPipeline.Contracts;
using CpfPipeline.Matcher.Grouping;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>A verdict stands: its groups follow, had they not yet.</summary>
internal sealed class VerdictGivenConsumer(GroupUpdater updater) : IConsumer<VerdictGiven>
{
    public Task Consume(ConsumeContext<VerdictGiven> context) =>
        updater.RecomputeAsync([context.Message.ContentA, context.Message.ContentB], context.CancellationToken);
}
