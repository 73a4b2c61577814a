using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Ingest.Images;

/// <summary>Outcome of <see cref="ImageStore.ApplyAsync"/>.</summary>
/// <param name="Images">One for every change, in the order of the input.</param>
/// <param name="Outbox">Rows to be handed to the dispatcher.</param>
internal sealed record ApplyResult(IReadOnlyList<AppliedImage> Images, IReadOnlyList<OutboxMessage> Outbox);
