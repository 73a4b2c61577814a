using CpfPipeline.Matcher.Search;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Search;

public sealed class EdgeForestTests
{
    [Fact]
    public void Add_AnyEdges_KeepsConnectivityWithFewerEdgesThanContents() =>
        Gen.Select(Gen.Long[0, 15], Gen.Long[0, 15]).List[0, 60].Sample(edges =>
        {
            var forest = new EdgeForest(4);
            Assert.Equal(4, forest.Extend(12));
            edges.ForEach(e => forest.Add((int)e.Item1, (int)e.Item2, e.Item1, e.Item2));

            var contents = edges.SelectMany(e => new[] { e.Item1, e.Item2 }).Distinct().ToArray();
            Assert.True(forest.Edges.Count <= Math.Max(0, contents.Length - 1));
            var kept = forest.Edges.Select(e => (e.A, e.B)).ToArray();
            foreach (var (a, b) in edges)
            {
                Assert.Contains(b, Reach(kept, a));
            }

            for (var a = 0; a < 16; a++)
            {
                var reached = Reach(kept, a);
                Assert.All(Enumerable.Range(0, 16), b => Assert.Equal(reached.Contains(b), forest.AreConnected(a, b)));
            }
        });

    private static HashSet<long> Reach((long A, long B)[] edges, long from)
    {
        var reached = new HashSet<long> { from };
        while (edges.Any(e => reached.Contains(e.A) != reached.Contains(e.B)))
        {
            foreach (var (a, b) in edges.Where(e => reached.Contains(e.A) || reached.Contains(e.B)))
            {
                reached.Add(a);
                reached.Add(b);
            }
        }

        return reached;
    }
}
