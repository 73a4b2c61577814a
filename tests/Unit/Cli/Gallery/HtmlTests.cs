using CpfPipeline.Cli.Gallery;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Gallery;

public sealed class HtmlTests
{
    [Theory]
    [InlineData("a/b ü", "a/b &#252;")]
    [InlineData("<script>", "&lt;script&gt;")]
    [InlineData("\" onerror='x' & ", "&quot; onerror=&#39;x&#39; &amp; ")]
    [InlineData("a\r\n\tb", "a   b")]
    [InlineData("a\u0001b\u0000\u009f", "a\uFFFDb\uFFFD\uFFFD")]
    public void Text_OfAStranger_IsEscaped(string text, string expected)
    {
        Assert.Equal(expected, ((Html)text).ToString());
        Assert.Equal($"<b title=\"{expected}\">", Html.Of($"<b title=\"{text}\">").ToString());
    }

    [Fact]
    public void Text_CutWithinACharacter_IsStillText() => Assert.Equal("a\uFFFD", ((Html)"a😀"[..2]).ToString());

    [Fact]
    public void Of_Html_GoesInAsItIs() =>
        Assert.Equal("<p><b>&lt;</b>2</p>", Html.Of($"<p>{Html.Of($"<b>{"<"}</b>")}{2}</p>").ToString());

    [Fact]
    public void Text_OfAnyKind_HoldsNoMarkup() => Gen.String.Sample(text =>
        ((Html)text).ToString().AsSpan().IndexOfAny("<>\"'") < 0);
}
