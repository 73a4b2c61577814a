using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Stores;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Grouping;

public sealed class TouchedComponentsTests
{
    private static readonly HashSet<long> None = [];

    [Fact]
    public void Find_ArrivalWithoutEdges_IsAlone()
    {
        var touched = Assert.Single(TouchedComponents.Find([7], [], [], None));

        Assert.Equal([7L], touched.Arrivals);
        Assert.Empty(touched.ComponentIds);
        Assert.False(touched.MayComeApart);
    }

    [Fact]
    public void Find_ArrivalBetweenTwoComponents_UnitesThem()
    {
        var touched = Assert.Single(TouchedComponents.Find([7], [Member(1, 1), Member(5, 4)], [(7, 1), (5, 7)], None));

        Assert.Equal([7L], touched.Arrivals);
        Assert.Equal([1L, 4L], touched.ComponentIds.Order());
    }

    [Fact]
    public void Find_ArrivalNamedLikeAComponent_IsNotTakenForIt()
    {
        var touched = TouchedComponents.Find([4, 9], [Member(5, 4)], [(9, 5)], None);

        Assert.Equal(2, touched.Count);
        Assert.Contains(touched, t => t.Arrivals is [4] && t.ComponentIds.Count == 0);
    }

    [Fact]
    public void Find_EdgeInsideAComponent_TouchesNothing()
    {
        Assert.Empty(TouchedComponents.Find([], [Member(1, 1), Member(2, 1)], [(1, 2)], None));
    }

    [Fact]
    public void Find_WeakenedComponentUnited_MayComeApart()
    {
        var touched = Assert.Single(TouchedComponents.Find([7], [Member(5, 4)], [(7, 5)], new HashSet<long> { 4 }));

        Assert.True(touched.MayComeApart);
    }

    [Fact]
    public void Find_EdgeToAContentThatIsNotThere_IsIgnored()
    {
        var touched = Assert.Single(TouchedComponents.Find([7], [], [(7, 99)], None));

        Assert.Empty(touched.ComponentIds);
    }

    private static GroupMember Member(long contentId, long componentId) => new(contentId, contentId, componentId, false);
}
