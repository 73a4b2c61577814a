using System.Globalization;
using System.Xml.Linq;
using CpfPipeline.Learning.Reports.Html;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports.Html;

public sealed class MarkupTests
{
    [Fact]
    public void Interpolation_Text_IsEscapedAndMarkupIsNot()
    {
        Markup inner = $"<b>{"a<b>"}</b>";
        Markup outer = $"""<p title="{"\"'&"}">{inner}{(Markup?)null}{(string?)null}</p>""";

        Assert.Equal("""<p title="&quot;&#39;&amp;"><b>a&lt;b&gt;</b></p>""", outer.ToString());
    }

    [Fact]
    public void Interpolation_WhatNoDocumentMayHold_IsReplaced()
    {
        Markup markup = $"{"a\u0000b\ud800c\uFFFEd\u0085\te\r\nf🍣"}";

        Assert.Equal("a\uFFFDb\uFFFDc\uFFFDd\uFFFD e  f🍣", markup.ToString());
    }

    [Fact]
    public void Interpolation_AnyText_StaysOneTextOfAWellFormedDocument() => Gen.String.Sample(text =>
    {
        Markup markup = $"""<p a="{text}">{text}</p>""";

        var element = XElement.Parse(markup.ToString(), LoadOptions.PreserveWhitespace);

        Assert.All(element.Nodes(), node => Assert.IsType<XText>(node));
        Assert.Equal(element.Value, element.Attribute("a")!.Value);
    });

    [Fact]
    public void Interpolation_Numbers_AreTheSameInEveryCulture()
    {
        var before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (
            comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator,
            comma.NumberFormat.NegativeSign) = (",", ".", "~");
        try
        {
            CultureInfo.CurrentCulture = comma;
            Markup markup = $"{-1.256} {-3} {Number.Share(0.5)} {Number.Count(1234567)} {Number.Short(1500)}";

            Assert.Equal("-1.26 -3 0.500 1,234,567 1.5k", markup.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "–")]
    [InlineData(-0.0001, "0.000")]
    [InlineData(0.4784, "0.478")]
    public void Share_Value_IsWrittenForPeople(double value, string text) => Assert.Equal(text, Number.Share(value));
}
