using CpfPipeline.Contracts;
using CpfPipeline.Matcher.Grouping;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>A verdict was given, changed or withdrawn: recomputes its groups, unless that has been done.</summary>
internal sealed class VerdictGivenConsumer(GroupUpdater updater) : IConsumer<VerdictGiven>
{
    public Task Consume(ConsumeContext<VerdictGiven> context) =>
        updater.RecomputeAsync([context.Message.ContentA, context.Message.ContentB], context.CancellationToken);
}
