namespace CpfPipeline.Data.Handover;

/// <summary>What the Trainer asks of the Matcher for a model, and how far the Matcher is.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="ModelState">Its state.</param>
/// <param name="Wanted"><c>groups</c> or <c>activation</c>; null when nothing is requested.</param>
/// <param name="GroupedAt">When every live, embedded content had its group. Null until then.</param>
/// <param name="Progress">Share of the grouping, 0 to 1.</param>
/// <param name="Members">Contents grouped so far.</param>
/// <param name="Message">What the Matcher is doing or waits for, for a person.</param>
/// <param name="SilentFor">Time since the last change. Zero when nothing is requested.</param>
/// <param name="Failures">Tries in a row that ended because the model cannot be grouped.</param>
public sealed record ModelPreparation(
    long ModelId, string ModelState, string? Wanted, DateTimeOffset? GroupedAt, double Progress, long Members, string? Message,
    TimeSpan SilentFor, int Failures)
{
    /// <summary><see cref="Wanted"/>: make it the active model as soon as it has caught up.</summary>
    public const string Activation = "activation";

    /// <summary>Whether every live, embedded content has its group.</summary>
    public bool IsGrouped => GroupedAt is not null;
}
