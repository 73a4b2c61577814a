namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>A refused verdict that waits to be given or dismissed.</summary>
/// <param name="Id">Its handle.</param>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="NameA">A listing that shows the one picture.</param>
/// <param name="NameB">A listing that shows the other.</param>
/// <param name="Verdict">The refused word.</param>
/// <param name="Who">Who said it.</param>
/// <param name="At">When it was refused last.</param>
/// <param name="Note">Why it was said, or null.</param>
/// <param name="Links">Verdicts that it contradicted.</param>
/// <param name="Chain">Those of them whose pictures are not erased.</param>
public sealed record OpenContradiction(
    long Id, long ContentA, long ContentB, string NameA, string NameB, string Verdict, string Who, DateTimeOffset At, string? Note,
    int Links, IReadOnlyList<ContradictionLink> Chain)
{
    /// <summary>Whether all of the chain stands as it stood then.</summary>
    public bool Stands => Chain.Count == Links && Chain.All(l => l.Stands);
}
