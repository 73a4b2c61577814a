namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>How a model's groups differed from those of the model before it when it was to take over; in pictures.</summary>
/// <param name="FromModelId">The model before it.</param>
/// <param name="Contents">Pictures compared.</param>
/// <param name="Unchanged">With the same companions.</param>
/// <param name="Merged">That only gain companions.</param>
/// <param name="Split">That only lose companions.</param>
/// <param name="Moved">That lose some and gain others.</param>
/// <param name="GroupsBefore">Groups before.</param>
/// <param name="GroupsAfter">Groups after.</param>
/// <param name="Churn">Share of the pictures in groups whose companions differ.</param>
/// <param name="At">When they were compared.</param>
public sealed record HandoverDifference(
    long FromModelId, long Contents, long Unchanged, long Merged, long Split, long Moved, long GroupsBefore, long GroupsAfter, double Churn,
    DateTimeOffset At);
