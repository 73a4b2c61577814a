using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A model in the history.</summary>
/// <param name="ModelId">Handle.</param>
/// <param name="State"><see cref="ModelState"/>.</param>
/// <param name="Kind">How it was made: <c>initial</c>, <c>training</c>, <c>threshold</c> or <c>imported</c>.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="F1">On the test classes, or null.</param>
/// <param name="F1Low">Lower end of its 95 % interval.</param>
/// <param name="F1High">Upper end.</param>
/// <param name="Opis">Spread of the operating points of classes, or null.</param>
/// <param name="LearnedFrom"><c>keys</c>, <c>copies</c>, or null when no run made it.</param>
/// <param name="TrainContents">Pictures it learned from, or null.</param>
/// <param name="TrainClasses">Their classes, or null.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ActivatedAt">When it last became active.</param>
/// <param name="RetiredAt">When it last ceased to be.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record ListedModel(
    long ModelId, string State, string Kind, double Threshold, double? F1, double? F1Low, double? F1High, double? Opis, string? LearnedFrom,
    long? TrainContents, long? TrainClasses, DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? RetiredAt,
    string? Reason)
{
    /// <summary>What it learned from, for a person.</summary>
    public string Origin => (Kind, LearnedFrom) switch
    {
        (ModelKind.Imported, _) => "brought in as files",
        (ModelKind.Initial, _) => "the first start",
        (TrainingRunKind.Threshold, _) => "another threshold",
        (_, "copies") => "edited copies of the pictures",
        (_, "keys") => "product keys and verdicts",
        _ => Kind,
    };
}
