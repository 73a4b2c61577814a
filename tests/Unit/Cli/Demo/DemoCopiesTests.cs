using CpfPipeline.Cli.Demo;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Demo;

public sealed class DemoCopiesTests
{
    [Fact]
    public void FeedRows_CopiesAndOtherFiles_ListsCopiesInOrder()
    {
        var rows = DemoCopies.FeedRows(
            ["1f600/twitter~watermark-recompress.jpg", "labels.csv", "1f600/google~crop.jpg", "0023-fe0f-20e3/fluent3d~rescale.jpg"]);

        Assert.Equal(
            [
                "0023-fe0f-20e3/fluent~rescale,copies/0023-fe0f-20e3/fluent3d~rescale.jpg,0023-fe0f-20e3,global",
                "1f600/noto~crop,copies/1f600/google~crop.jpg,1f600,global",
                "1f600/twemoji~watermark-recompress,copies/1f600/twitter~watermark-recompress.jpg,1f600,global",
            ],
            rows);
    }
}
