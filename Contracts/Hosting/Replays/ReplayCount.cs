namespace CpfPipeline.Hosting.Replays;

/// <summary>How many messages of one kind failed for one reason.</summary>
public sealed record ReplayCount(string Queue, string? Target, string Message, string Reason, long Count);
