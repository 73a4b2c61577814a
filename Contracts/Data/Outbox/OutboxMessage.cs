namespace CpfPipeline.Data.Outbox;

/// <summary>A row of <c>cpf.outbox</c>.</summary>
/// <param name="Seq">Order of writing.</param>
/// <param name="Type">Name of the message record.</param>
/// <param name="Payload">The message as JSON.</param>
/// <param name="Trace">The traces that it belongs to, see <see cref="OutboxTrace"/>; null: none.</param>
public sealed record OutboxMessage(long Seq, string Type, string Payload, string? Trace);
