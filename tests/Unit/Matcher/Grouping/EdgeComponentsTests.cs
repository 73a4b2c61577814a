using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Tests.Oracle;
using CpfPipeline.Tests.Unit.Contracts.Matching.Samples;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Grouping;

public sealed class EdgeComponentsTests
{
    [Fact]
    public void Of_AnyContentsAndVerdicts_EqualsPlainLoops() =>
        Gen.Select(Gen.OneOf(TestEmbeddings.Ties, TestEmbeddings.Clouds), Gen.Int[1, 5]).Sample((item, chunkRows) =>
    {
        var verdicts = new VerdictSet([.. Verdicts(item.Different, false), .. Verdicts(item.Same, true)]);
        var matrix = item.Matrix();
        var groups = Agglomeration.Cluster(matrix, item.Tau, verdicts.Same, verdicts.Different).Groups;
        var expected = NaiveMatching.Partition(item.Rows, item.Tau, [.. verdicts.Same], [.. verdicts.Different]).Components;
        var components = EdgeComponents.Of(matrix, groups, item.Tau, verdicts, 1, CancellationToken.None, chunkRows);
        Assert.Equal(expected.OrderBy(pair => pair.Key), components.OrderBy(pair => pair.Key));
    }, iter: 150);

    private static IEnumerable<Verdict> Verdicts((long A, long B)[] pairs, bool same) =>
        pairs.Where(pair => pair.A != pair.B).Select(pair => new Verdict(Math.Min(pair.A, pair.B), Math.Max(pair.A, pair.B), same));
}
