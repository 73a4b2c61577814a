using CpfPipeline.Ingest.Guard;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Guard;

public sealed class HostListTests
{
    [Theory]
    [InlineData("shop.example", "http://shop.example/x", true)]
    [InlineData("Shop.Example.", "http://SHOP.example./", true)]
    [InlineData("shop.example", "http://a.shop.example/", false)]
    [InlineData("shop.example", "http://xshop.example/", false)]
    [InlineData("*.shop.example", "http://a.b.shop.example/", true)]
    [InlineData("*.shop.example", "http://shop.example/", false)]
    [InlineData("*.shop.example", "http://xshop.example/", false)]
    [InlineData("*.shop.example", "http://a.shop.example.evil/", false)]
    [InlineData("b\u00fccher.example", "http://xn--bcher-kva.example/", true)]
    [InlineData("xn--bcher-kva.example", "http://b\u00fccher.example/", true)]
    [InlineData("8.8.8.8", "http://134744072/", true)]
    [InlineData("8.8.8.8", "http://[::ffff:808:808]/", true)]
    [InlineData("2606:4700::1", "http://[2606:4700:0:0::1]/", true)]
    [InlineData("[2606:4700::1]", "http://[2606:4700::1]/", true)]
    [InlineData("[2606:4700::1]", "http://[2606:4700::2]/", false)]
    public void Contains_Host_OnlyOneThatThePatternMeans(string pattern, string uri, bool expected) =>
        Assert.Equal(expected, new HostList([pattern]).Contains(HostName.Of(new Uri(uri))));

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.b")]
    [InlineData("*.10.0.0.1")]
    [InlineData("*.::1")]
    [InlineData("http://shop.example")]
    [InlineData("shop.example/x")]
    [InlineData("shop.example:80")]
    [InlineData("user@shop.example")]
    [InlineData("shop example")]
    [InlineData("a..b")]
    public void TryNormalise_NoHost_IsNull(string pattern) => Assert.Null(HostList.TryNormalise(pattern));
}
