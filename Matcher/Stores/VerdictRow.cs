namespace CpfPipeline.Matcher.Stores;

/// <summary>A verdict as a person reads it.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="Verdict"><c>same</c> or <c>different</c>.</param>
/// <param name="Who">Who said so.</param>
/// <param name="At">When.</param>
/// <param name="Note">Why, or null.</param>
/// <param name="ImagesA">A few live images that show the one picture, as source/external_id.</param>
/// <param name="ImagesB">A few that show the other.</param>
/// <param name="Sha256A">SHA-256 of the one picture's bytes, hex.</param>
/// <param name="Sha256B">Of the other's.</param>
internal sealed record VerdictRow(
    long ContentA, long ContentB, string Verdict, string Who, DateTimeOffset At, string? Note, IReadOnlyList<string> ImagesA,
    IReadOnlyList<string> ImagesB,
    string Sha256A, string Sha256B);
