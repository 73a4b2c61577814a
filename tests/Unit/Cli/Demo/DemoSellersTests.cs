using CpfPipeline.Cli.Demo;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Demo;

public sealed class DemoSellersTests
{
    [Theory]
    [InlineData("google", "noto")]
    [InlineData("fluent3d", "fluent")]
    public void OriginalOf_ResellersImage_IsThePictureItWasMadeFrom(string vendor, string source)
    {
        var copy = DemoSellers.ResellerId("0023-fe0f-20e3", vendor, "crop-watermark");

        Assert.Equal(DemoSellers.OriginalOf(source, "0023-fe0f-20e3"), DemoSellers.OriginalOf(DemoSellers.Reseller, copy));
    }

    [Fact]
    public void OriginalOf_TwoSellersOfOneProduct_Differs() =>
        Assert.NotEqual(DemoSellers.OriginalOf("noto", "1f600"), DemoSellers.OriginalOf("twemoji", "1f600"));
}
