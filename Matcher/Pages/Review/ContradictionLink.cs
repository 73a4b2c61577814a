namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A verdict in the chain that a refused one contradicted.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="NameA">A listing that shows the one picture.</param>
/// <param name="NameB">A listing that shows the other.</param>
/// <param name="Verdict">Its word.</param>
/// <param name="Who">Who said it.</param>
/// <param name="At">When.</param>
/// <param name="Stands">Whether it stands still.</param>
public sealed record ContradictionLink(
    long ContentA, long ContentB, string NameA, string NameB, string Verdict, string Who, DateTimeOffset At, bool Stands);
