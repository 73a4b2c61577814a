namespace CpfPipeline.Data.Handover;

/// <summary>A row of <c>cpf.model_preparations</c>: what the Trainer asks of the Matcher for the shadow, and how far the Matcher is.</summary>
/// <param name="ModelId">The shadow.</param>
/// <param name="Wanted"><c>groups</c> or <c>activation</c>.</param>
/// <param name="GroupedAt">When all that was live and embedded had its group; null: not yet.</param>
/// <param name="Progress">Share of the grouping, 0 to 1.</param>
/// <param name="Members">Contents grouped so far.</param>
/// <param name="Message">What the Matcher is doing or waits for, for a person.</param>
public sealed record Preparation(long ModelId, string Wanted, DateTimeOffset? GroupedAt, double Progress, long Members, string? Message)
{
    /// <summary><see cref="Wanted"/>: make it the active model as soon as it has caught up.</summary>
    public const string Activation = "activation";
}
