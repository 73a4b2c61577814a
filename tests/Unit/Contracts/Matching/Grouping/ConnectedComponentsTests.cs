using CpfPipeline.Matching.Grouping;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Grouping;

public sealed class ConnectedComponentsTests
{
    [Fact]
    public void Union_AnyEdgesInAnyOrder_ComponentIsTheSmallestReachableContent() =>
        Gen.Select(Gen.Long.HashSet[10].Select(set => set.ToArray()), Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]).Array[0, 12], Gen.Int)
            .Sample((ids, edges, seed) =>
        {
            var labels = ids.ToArray();
            for (var pass = 0; pass < 10; pass++)
            {
                foreach (var (a, b) in edges)
                {
                    labels[a] = labels[b] = Math.Min(labels[a], labels[b]);
                }
            }

            new Random(seed).Shuffle(edges);
            var components = new ConnectedComponents(ids);
            var unions = edges.Count(edge => components.Union(edge.Item1, edge.Item2));
            Assert.All(from a in Enumerable.Range(0, 10) from b in Enumerable.Range(0, 10) select (a, b), p =>
                Assert.Equal(labels[p.a] == labels[p.b], components.AreSurelyConnected(p.a, p.b)));
            Assert.Equal(labels, Enumerable.Range(0, 10).Select(components.ComponentId));
            Assert.Equal(10 - unions, labels.Distinct().Count());
            Assert.Equal(labels.Distinct().Order(), components.Components().Keys);
            Assert.All(components.Components(), component =>
            {
                Assert.Equal(component.Value.Select(index => ids[index]).Order(), component.Value.Select(index => ids[index]));
                Assert.All(component.Value, index => Assert.Equal(component.Value.Count, components.ComponentSize(index)));
            });
        }, iter: 1000);
}
