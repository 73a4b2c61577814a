using CpfPipeline.Cli.Gallery;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Gallery;

public sealed class TemplateTests
{
    [Fact]
    public void Fill_Values_StandInTheirPlacesAsText() =>
        Assert.Equal("<p>{{b}}</p>&lt;", new Template("<p>{{a}}</p>{{b}}").Fill(("a", "{{b}}"), ("b", "<")).ToString());

    [Theory]
    [InlineData("{{a}}{{b}}", "There is no value for b.")]
    [InlineData("nothing", "There is no place for a.")]
    public void Fill_PlacesAndValuesThatDiffer_AreAMistake(string markup, string message) =>
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => new Template(markup).Fill(("a", "1"))).Message);

    [Fact]
    public void SplitAt_APlace_GivesWhatStandsAroundIt()
    {
        var (before, after) = new Template("{{a}}<{{b}}>{{a}}").SplitAt("b");
        Assert.Equal("1<", before.Fill(("a", "1")).ToString());
        Assert.Equal(">2", after.Fill(("a", "2")).ToString());
    }
}
