namespace CpfPipeline.Matcher.Gauges;

/// <summary>What waits at a stage of the pipeline.</summary>
/// <param name="Name">A word of <see cref="All"/>.</param>
/// <param name="Waiting">How many wait, counted up to a limit.</param>
/// <param name="OldestAge">How long the oldest of these has waited; zero when none waits.</param>
internal sealed record PipelineStage(string Name, long Waiting, TimeSpan OldestAge)
{
    /// <summary>Images whose bytes are not here.</summary>
    public const string Fetch = "fetch";

    /// <summary>Contents without an embedding under the active head.</summary>
    public const string Embed = "embed";

    /// <summary>Live contents without a group: unmatched.</summary>
    public const string Match = "match";

    /// <summary>Contents whose component is too large to be regrouped at once: pending.</summary>
    public const string Regroup = "regroup";

    /// <summary>Contents that were not joined exactly against all others: unreconciled.</summary>
    public const string Reconcile = "reconcile";

    /// <summary>Messages of the outbox that were not published.</summary>
    public const string Publish = "publish";

    /// <summary>All of them, in the order of the way.</summary>
    public static IReadOnlyList<string> All { get; } = [Fetch, Embed, Match, Regroup, Reconcile, Publish];
}
