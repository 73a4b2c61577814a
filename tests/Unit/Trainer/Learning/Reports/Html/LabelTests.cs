using CpfPipeline.Learning.Reports.Html;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports.Html;

public sealed class LabelTests
{
    [Fact]
    public void Shorten_ShortLabel_StaysWhole() => Assert.Equal("kettle", Label.Shorten("kettle", 6));

    [Fact]
    public void Shorten_LongLabel_EndsWithAnEllipsis() => Assert.Equal("kettl…", Label.Shorten("kettles", 6));

    [Fact]
    public void Shorten_Emoji_AreNotCutInTwo() =>
        Assert.Equal("👩‍🍳👩‍🍳…", Label.Shorten(string.Concat(Enumerable.Repeat("👩‍🍳", 9)), 3));

    [Fact]
    public void Shorten_OneLetterWithAThousandAccents_StaysBounded() =>
        Assert.True(Label.Shorten("ab" + new string('\u0301', 10_000) + "cd", 20).Length <= 81);

    [Fact]
    public void Html_Whitespace_SaysThatThereIsNone() => Assert.Contains("no label", Label.Html(" ").ToString(), StringComparison.Ordinal);
}
