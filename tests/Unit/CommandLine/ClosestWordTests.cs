using CpfPipeline.CommandLine;
using Xunit;

namespace CpfPipeline.Tests.Unit.CommandLine;

public sealed class ClosestWordTests
{
    private static readonly string[] Known = ["submit", "status", "up", "groups", "rollback"];

    [Theory]
    [InlineData("subimt", "submit")]
    [InlineData("sumbit", "submit")]
    [InlineData("submti", "submit")]
    [InlineData("Status", "status")]
    [InlineData("stat", "status")]
    [InlineData("group", "groups")]
    [InlineData("pu", "up")]
    [InlineData("roll-back", "rollback")]
    [InlineData("frobnicate", null)]
    [InlineData("x", null)]
    public void Of_Word_FindsTheOneThatWasMeant(string word, string? expected) => Assert.Equal(expected, ClosestWord.Of(word, Known));

    [Fact]
    public void Of_SeveralAsClose_TakesTheFirst() => Assert.Equal("ab", ClosestWord.Of("a", ["ab", "ac"]));
}
