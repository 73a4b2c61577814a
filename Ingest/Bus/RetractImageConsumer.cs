using CpfPipeline.Ingest.Intake;
using MassTransit;

namespace CpfPipeline.Ingest.Bus;

/// <summary>Takes retractions.</summary>
internal sealed class RetractImageConsumer(ImageIntake intake) : IConsumer<Batch<IncomingRetraction>>
{
    public Task Consume(ConsumeContext<Batch<IncomingRetraction>> context) =>
        intake.TakeAsync([.. context.Message.Select(message => ToEntry(message.Message))], context.CancellationToken);

    private static ImageEntry ToEntry(IncomingRetraction message) =>
        SubmissionRule.ToRetraction(message.Source!, message.ExternalId!, message.Revision ?? message.SentAtMilliseconds);
}
