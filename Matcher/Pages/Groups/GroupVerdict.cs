namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>A person's word on two pictures, of which one at least is in the group.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="NameA">A listing that shows the one.</param>
/// <param name="NameB">A listing that shows the other.</param>
/// <param name="Verdict"><c>same</c> or <c>different</c>.</param>
/// <param name="Who">Who said so.</param>
/// <param name="At">When.</param>
/// <param name="Note">Why, or null.</param>
public sealed record GroupVerdict(
    long ContentA, long ContentB, string NameA, string NameB, string Verdict, string Who, DateTimeOffset At, string? Note);
