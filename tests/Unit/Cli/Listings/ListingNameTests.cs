using CpfPipeline.Cli;
using CpfPipeline.Cli.Listings;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Listings;

public sealed class ListingNameTests
{
    [Fact]
    public void Readings_SlashesInSourceOrId_AreAllTried() =>
        Assert.Equal([("a", "b/c.jpg"), ("a/b", "c.jpg")], new ListingName("a/b/c.jpg").Readings);

    [Fact]
    public void Sha256_SixtyFourDigits_IsAPicture() =>
        Assert.Equal(32, new ListingName(new string('a', 64)).Sha256!.Length);

    [Theory]
    [InlineData("4711-front")]
    [InlineData("/front")]
    [InlineData("shop-a/")]
    [InlineData("")]
    public void Checked_NeitherListingNorHash_SaysWhatToWrite(string text)
    {
        var refused = Assert.Throws<CommandException>(() => new ListingName(text).Checked());

        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("SOURCE/EXTERNAL_ID", refused.Message, StringComparison.Ordinal);
    }
}
