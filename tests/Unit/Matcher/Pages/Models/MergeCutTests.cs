using CpfPipeline.Matcher.Pages.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Models;

public sealed class MergeCutTests
{
    // ((1 2)(3 4)) at 0.6, with the pairs at 0.9 and 0.8, and 5 last at 0.55.
    private static readonly MergedContent[] Group =
        [new(5, 1, 0.55, false), new(4, 3, 0.8, false), new(3, 1, 0.6, false), new(2, 1, 0.9, false), new(1, null, 0, false)];

    [Theory]
    [InlineData(0.55, "1,2,3,4,5")]
    [InlineData(0.56, "1,2,3,4 5")]
    [InlineData(0.6, "1,2,3,4 5")]
    [InlineData(0.7, "1,2 3,4 5")]
    [InlineData(0.85, "1,2 3 4 5")]
    [InlineData(1, "1 2 3 4 5")]
    public void Parts_AtAThreshold_AreWhatItsMergesLeave(double threshold, string expected) =>
        Assert.Equal(expected, Text(MergeCut.Parts(Group, threshold)));

    [Fact]
    public void Parts_MergeByVerdict_HoldsAtAnyThreshold() =>
        Assert.Equal("1,2 3", Text(MergeCut.Parts([new(1, null, 0, false), new(2, 1, 0.1, true), new(3, 1, 0.6, false)], 1)));

    private static string Text(IReadOnlyDictionary<long, IReadOnlyList<long>> parts) =>
        string.Join(' ', parts.OrderBy(p => p.Key).Select(p => string.Join(',', p.Value)));
}
