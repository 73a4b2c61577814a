namespace CpfPipeline.Ingest.Replays;

/// <summary>How many messages of one kind failed for one reason.</summary>
internal sealed record ReplayCount(string Queue, string? Target, string Message, string Reason, long Count);
