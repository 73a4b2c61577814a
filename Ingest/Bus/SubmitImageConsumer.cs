using CpfPipeline.Ingest.Intake;
using MassTransit;

namespace CpfPipeline.Ingest.Bus;

/// <summary>Takes submitted images.</summary>
internal sealed class SubmitImageConsumer(ImageIntake intake) : IConsumer<Batch<IncomingSubmission>>
{
    public Task Consume(ConsumeContext<Batch<IncomingSubmission>> context) =>
        intake.TakeAsync([.. context.Message.Select(message => ToEntry(message.Message))], context.CancellationToken);

    private static ImageEntry ToEntry(IncomingSubmission message) => SubmissionRule.ToEntry(
        new Submission
        {
            Source = message.Source,
            ExternalId = message.ExternalId,
            Uri = message.Uri,
            ProductKey = message.ProductKey,
            KeyScope = message.KeyScope,
            Revision = message.Revision,
            Problem = message.Problem,
        },
        message.SentAtMilliseconds);
}
