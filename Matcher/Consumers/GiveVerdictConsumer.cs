using CpfPipeline.Contracts;
using CpfPipeline.Data.Access;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Verdicts;
using MassTransit;

namespace CpfPipeline.Matcher.Consumers;

/// <summary>Takes a verdict that came as a message. A refusal is published as an event.</summary>
internal sealed class GiveVerdictConsumer(VerdictIntake intake) : IConsumer<GiveVerdict>
{
    public async Task Consume(ConsumeContext<GiveVerdict> context)
    {
        var word = context.Message;
        var request = new VerdictRequest(
            new PictureName(word.SourceA, word.ExternalIdA, null), new PictureName(word.SourceB, word.ExternalIdB, null), word.Verdict,
            word.Who, word.Note) { By = Actor.OfBus(word.Who) };
        if (await intake.GiveAsync(request, context.CancellationToken) is VerdictOutcome.Refused refused)
        {
            await context.Publish(
                new VerdictRefused
                {
                    SourceA = word.SourceA,
                    ExternalIdA = word.ExternalIdA,
                    SourceB = word.SourceB,
                    ExternalIdB = word.ExternalIdB,
                    Verdict = word.Verdict,
                    Reason = refused.Reason,
                    Detail = refused.Detail,
                }, context.CancellationToken);
        }
    }
}
