using CpfPipeline.Cli;
using CpfPipeline.Cli.Erasures;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Erasures;

public sealed class ErasureBodyTests
{
    private static readonly string Sha256 = new('A', 64);

    [Fact]
    public void Of_Image_NamesItAndTheUser()
    {
        var request = ErasureBody.Of(["shop", "a/b.jpg"], null, null, "why");

        Assert.Equal(new ErasureBody { Source = "shop", ExternalId = "a/b.jpg", Who = Environment.UserName, Note = "why" }, request);
    }

    [Fact]
    public void Of_Content_TakesItsHash() =>
        Assert.Equal(new ErasureBody { Sha256 = new string('a', 64), Who = "me" }, ErasureBody.Of([], Sha256, "me", null));

    [Theory]
    [InlineData("shop")]
    [InlineData("shop", "")]
    [InlineData]
    public void Of_HalfAnImage_IsWrongUsage(params string[] words) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => ErasureBody.Of(words, null, null, null)).ExitCode);

    [Theory]
    [InlineData("abc")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Of_NoHash_SaysWhatOneIs(string content) =>
        Assert.Contains("64 hex digits", Assert.Throws<CommandException>(() => ErasureBody.Of([], content, null, null)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Of_ImageAndContent_IsWrongUsage() =>
        Assert.Throws<CommandException>(() => ErasureBody.Of(["shop", "a"], Sha256, null, null));
}
