namespace CpfPipeline.Cli.Replays;

/// <summary>What to put back, as Ingest is asked.</summary>
internal sealed record ReplayBody(
    bool Images, bool DryRun, string? Queue, string? Reason, string? Source, DateTimeOffset? Since, DateTimeOffset? Until, long? Limit);
