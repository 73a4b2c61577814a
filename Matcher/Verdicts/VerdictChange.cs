using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>A word on two contents that is to stand, or to be taken back.</summary>
/// <param name="ContentA">The smaller content id.</param>
/// <param name="ContentB">The larger content id.</param>
/// <param name="Word">See <see cref="VerdictWord"/>.</param>
/// <param name="Undoes">The event of <c>cpf.verdict_events</c> that this takes back, or null.</param>
internal sealed record VerdictChange(long ContentA, long ContentB, string Word, long? Undoes = null)
{
    /// <summary>A change of two contents in either order.</summary>
    public static VerdictChange Of(long x, long y, string word) => new(Math.Min(x, y), Math.Max(x, y), word);
}
