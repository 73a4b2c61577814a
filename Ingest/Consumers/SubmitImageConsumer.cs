using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Ingest.Submissions;
using MassTransit;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Takes submitted images. With a full disk they stay in the queue.</summary>
internal sealed class SubmitImageConsumer(ImageIntake intake, IntakeGate gate) : IConsumer<Batch<Submission>>
{
    public Task Consume(ConsumeContext<Batch<Submission>> context)
    {
        gate.ThrowIfDiskIsFull();
        return context.TogetherAsync(() => intake.TakeAsync(
            [.. context.Message.Select(message => SubmissionRule.ToEntry(message.Message))], context.CancellationToken));
    }
}
