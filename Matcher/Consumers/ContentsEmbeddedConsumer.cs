using CpfPipeline.Contracts;
using CpfPipeline.Data.Models;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Matcher.Grouping;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>
/// Contents have embeddings: updates the groups. Contents embedded under a head that is not active come in when it is activated.
/// </summary>
internal sealed class ContentsEmbeddedConsumer(GroupUpdater updater, ModelStore models) : IConsumer<Batch<ContentsEmbedded>>
{
    public Task Consume(ConsumeContext<Batch<ContentsEmbedded>> context) => context.TogetherAsync(async () =>
    {
        var model = await models.GetActiveAsync(context.CancellationToken);
        await updater.RefreshAsync(
            [.. context.Message.Where(m => m.Message.HeadId == model?.HeadId).SelectMany(m => m.Message.ContentIds)],
            context.CancellationToken);
    });
}
