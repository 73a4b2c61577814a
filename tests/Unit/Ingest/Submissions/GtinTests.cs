using CpfPipeline.Ingest.Submissions;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Submissions;

public sealed class GtinTests
{
    [Theory]
    [InlineData("4006381333931", "04006381333931")]
    [InlineData("04006381333931", "04006381333931")]
    [InlineData("96385074", "00000096385074")]
    [InlineData("036000291452", "00036000291452")]
    [InlineData(" 4006381-333931 ", "04006381333931")]
    [InlineData("4006381333931.0", "04006381333931")]
    public void Parse_EveryLength_OneForm(string text, string digits) => Assert.Equal((digits, null), Gtin.Parse(text));

    [Theory]
    [InlineData("4006381333932")]
    [InlineData("400638133393")]
    [InlineData("36000291452")]
    [InlineData("4.00638E+12")]
    [InlineData("0000000000000")]
    [InlineData("abc")]
    [InlineData("")]
    public void Parse_WrongOnes_SayWhy(string text)
    {
        var (digits, problem) = Gtin.Parse(text);
        Assert.Null(digits);
        Assert.NotNull(problem);
    }

    // ISO/IEC 7812 of GS1: a wrong digit is always noticed.
    [Fact]
    public void Parse_OneDigitChanged_IsNoticed() =>
        Gen.Select(Gen.Long[1, 999_999_999_999], Gen.Int[0, 12], Gen.Int[1, 9]).Sample((number, at, by) =>
        {
            var body = number.ToString("D12", null);
            var valid = Enumerable.Range(0, 10).Select(c => $"{body}{c}").Single(text => Gtin.Parse(text).Digits is not null);
            var changed = valid.ToCharArray();
            changed[at] = (char)('0' + ((changed[at] - '0' + by) % 10));
            return Gtin.Parse(new string(changed)).Digits is null;
        });

    [Theory]
    [InlineData("2012345678900", true)]
    [InlineData("0212345678908", true)]
    [InlineData("9912345678907", true)]
    [InlineData("0512345678900", true)]
    [InlineData("20123451", true)]
    [InlineData("4006381333931", false)]
    [InlineData("96385074", false)]
    [InlineData("9780306406157", false)]
    public void IsRestricted_NumbersOfOneShop_AreSeen(string text, bool restricted)
    {
        var full = text.PadLeft(14, '0')[..13];
        var valid = Enumerable.Range(0, 10).Select(c => Gtin.Parse($"{full}{c}").Digits).OfType<string>().Single();
        Assert.Equal(restricted, Gtin.IsRestricted(valid));
    }

    [Theory]
    [InlineData("gtin:4006381333931", "global", "gtin:04006381333931", "global", false)]
    [InlineData("EAN:4006381333931", "global", "gtin:04006381333931", "global", false)]
    [InlineData("4006381333931", "global", "gtin:04006381333931", "global", false)]
    [InlineData("4006381333931", "source", "4006381333931", "source", false)]
    [InlineData("gtin:4006381333932", "global", null, "source", true)]
    [InlineData("P-17", "global", "P-17", "global", false)]
    [InlineData("P-17", null, "P-17", "source", false)]
    [InlineData("", "global", null, "source", false)]
    public void Normalise_Keys_OneFormOnEveryRoute(string key, string? scope, string? expected, string expectedScope, bool told)
    {
        var (found, foundScope, problem) = ProductKeyRule.Normalise(key, scope);
        Assert.Equal((expected, expectedScope, told), (found, foundScope, problem is not null));
    }
}
