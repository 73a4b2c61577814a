using System.Net;
using CpfPipeline.Ingest.Guard;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Guard;

public sealed class Nat64PrefixTests
{
    // The examples of RFC 6052, 2.4.
    [Theory]
    [InlineData("2001:db8::/32", "2001:db8:c000:221::")]
    [InlineData("2001:db8:100::/40", "2001:db8:1c0:2:21::")]
    [InlineData("2001:db8:122::/48", "2001:db8:122:c000:2:2100::")]
    [InlineData("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::")]
    [InlineData("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::")]
    [InlineData("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33")]
    [InlineData("64:ff9b::/96", "64:ff9b::192.0.2.33")]
    public void Unwrap_EveryLength_GivesTheCarriedAddress(string prefix, string address)
    {
        var parsed = Nat64Prefix.TryParse(prefix)!;
        Assert.True(parsed.Contains(IPAddress.Parse(address)));
        Assert.Equal(IPAddress.Parse("192.0.2.33"), parsed.Unwrap(IPAddress.Parse(address)));
    }

    [Fact]
    public void Unwrap_ReservedBits_IsNull() =>
        Assert.Null(Nat64Prefix.TryParse("2001:db8::/32")!.Unwrap(IPAddress.Parse("2001:db8:c000:221:100::")));

    [Theory]
    [InlineData("64:ff9b::")]
    [InlineData("64:ff9b::/72")]
    [InlineData("64:ff9b::/128")]
    [InlineData("10.0.0.0/32")]
    [InlineData("2001:db8:0:0:100::/96")]
    [InlineData("x")]
    public void TryParse_NoSuchPrefix_IsNull(string text) => Assert.Null(Nat64Prefix.TryParse(text));
}
