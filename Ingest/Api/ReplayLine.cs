using CpfPipeline.Ingest.Replays;

namespace CpfPipeline.Ingest.Api;

/// <summary>A line of the answer: how far it is, its end, or why it broke off.</summary>
internal sealed record ReplayLine
{
    /// <summary>How far it is.</summary>
    public ReplayProgress? Progress { get; init; }

    /// <summary>What was done; the last line of a replay that came to its end.</summary>
    public ReplaySummary? Summary { get; init; }

    /// <summary>Why it broke off; what was put back until then is put back.</summary>
    public string? Problem { get; init; }
}
