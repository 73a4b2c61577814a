using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Takes submitted images.</summary>
internal sealed class SubmitImageConsumer(ImageIntake intake) : IConsumer<Batch<Submission>>
{
    public Task Consume(ConsumeContext<Batch<Submission>> context) =>
        intake.TakeAsync([.. context.Message.Select(message => SubmissionRule.ToEntry(message.Message))], context.CancellationToken);
}
