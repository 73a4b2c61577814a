using System.Globalization;
using CpfPipeline.Matcher.Pages.Frame;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A model's figures as pages show them.</summary>
internal static class ModelFigures
{
    private const string None = "not measured";

    /// <summary>F1 with its interval: <c>0.912 (0.890 to 0.931)</c>.</summary>
    public static string F1(ListedModel model) => model switch
    {
        { F1: { } f1, F1Low: { } low, F1High: { } high } =>
            $"{Figures.Similarity(f1)} ({Figures.Similarity(low)} to {Figures.Similarity(high)})",
        { F1: { } f1 } => Figures.Similarity(f1),
        _ => None,
    };

    /// <summary>OPIS.</summary>
    public static string Opis(ListedModel model) => model.Opis?.ToString("0.0000", CultureInfo.InvariantCulture) ?? None;

    /// <summary>What became of it, in a sentence.</summary>
    public static string Fate(ListedModel model) => model switch
    {
        { State: ModelState.Active, ActivatedAt: { } since } => $"active since {ShownTime.Of(since)}",
        { State: ModelState.Retired, ActivatedAt: { } since, RetiredAt: { } until } =>
            $"active from {ShownTime.Of(since)} to {ShownTime.Of(until)}",
        { State: ModelState.Shadow } => "is being prepared to take over",
        { State: ModelState.Refused } => model.Reason ?? "refused",
        _ => "was not active yet",
    };
}
