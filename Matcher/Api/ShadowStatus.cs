using CpfPipeline.Data.Handover;

namespace CpfPipeline.Matcher.Api;

/// <summary>The model that is being prepared to take over.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="Wanted"><c>groups</c> or <c>activation</c>.</param>
/// <param name="GroupedAt">When everything that was live and embedded had its group; null: not yet.</param>
/// <param name="Progress">Share of the grouping, 0 to 1.</param>
/// <param name="Members">Contents grouped so far.</param>
/// <param name="Message">What the Matcher is doing or waits for, for a person.</param>
internal sealed record ShadowStatus(long ModelId, string Wanted, DateTimeOffset? GroupedAt, double Progress, long Members, string? Message)
{
    /// <summary>The status of a preparation; null when there is none.</summary>
    public static ShadowStatus? Of(ModelPreparation? preparation) => preparation is { Wanted: { } wanted }
        ? new ShadowStatus(
            preparation.ModelId, wanted, preparation.GroupedAt, preparation.Progress, preparation.Members, preparation.Message)
        : null;
}
