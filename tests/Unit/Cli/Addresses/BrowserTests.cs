using CpfPipeline.Cli.Addresses;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Addresses;

public sealed class BrowserTests
{
    [Fact]
    public void Page_OfAnAddress_LeadsThereAndTellsNobodyWhereFrom()
    {
        var page = Browser.Page(new Uri("http://127.0.0.1:20001/sign-in/links/5f?to=%2Fgallery&x=\"<"));

        Assert.Contains("url=http://127.0.0.1:20001/sign-in/links/5f?to=%2Fgallery&amp;x=%22%3C\"", page, StringComparison.Ordinal);
        Assert.Contains("no-referrer", page, StringComparison.Ordinal);
    }
}
