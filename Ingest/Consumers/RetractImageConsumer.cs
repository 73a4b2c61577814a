using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Takes retractions.</summary>
internal sealed class RetractImageConsumer(ImageIntake intake) : IConsumer<Batch<Retraction>>
{
    public Task Consume(ConsumeContext<Batch<Retraction>> context) =>
        context.TogetherAsync(() => intake.TakeAsync(
            [.. context.Message.Select(message => SubmissionRule.ToEntry(message.Message))], context.CancellationToken));
}
