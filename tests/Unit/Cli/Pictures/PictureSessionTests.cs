using CpfPipeline.Cli;
using CpfPipeline.Cli.Pictures;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Pictures;

public sealed class PictureSessionTests
{
    [Theory]
    [InlineData("stored", "matched", null, "image      a.jpg of shop: matched\ngroup      9007199254740993\n", ExitCode.Done)]
    [InlineData("rejected", "rejected", null, "image      a.jpg of shop: rejected\nrejected   truncated (short)\n", ExitCode.Rejected)]
    [InlineData("stored", "matched", "empty",
        "image      a.jpg of shop: matched\ngroup      9007199254740993\n"
            + "rejected   the new picture: empty (no bytes); the one before stays\n", ExitCode.Rejected)]
    internal void Tell_Image_SaysWhereItStands(string state, string status, string? failed, string expected, ExitCode exitCode)
    {
        var output = new StringWriter();
        var image = new PictureAnswer
        {
            Source = "shop", ExternalId = "a.jpg", State = state, Status = status, GroupId = state == "stored"
                ? 9_007_199_254_740_993 : null,
            Reason = "truncated", Detail = "short", FailedReason = failed, FailedDetail = "no bytes",
        };

        Assert.Equal(exitCode, PictureSession.Tell(image, output));
        Assert.Equal(expected, output.ToString());
    }

    [Fact]
    public void Of_WordsOfAFeed_AreRefused()
    {
        Assert.Contains(
            "--source", Assert.Throws<CommandException>(() => PictureBody.Of("/a.jpg", null, false)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "--source only", Assert.Throws<CommandException>(() => PictureBody.Of("/a.jpg", "s", true)).Message, StringComparison.Ordinal);
        Assert.Equal(new PictureBody("/b/a.jpg", "s", "a.jpg"), PictureBody.Of("/b/a.jpg", "s", false));
    }
}
