namespace CpfPipeline.Data.Handover;

/// <summary>How far the Matcher is with a shadow model.</summary>
/// <param name="ModelState">State of the model.</param>
/// <param name="IsGrouped">Whether all that was live and embedded has its group.</param>
/// <param name="Progress">Share of the grouping, 0 to 1.</param>
/// <param name="Message">What the Matcher is doing or waits for, for a person.</param>
/// <param name="SilentFor">Time since the last change; zero when nothing is asked.</param>
public sealed record ModelPreparation(string ModelState, bool IsGrouped, float Progress, string? Message, TimeSpan SilentFor);
