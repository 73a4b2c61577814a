using System.Globalization;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Keys;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Keys;

public sealed class KeyExpiryTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("90d", "2026-04-02T03:00:00Z")]
    [InlineData("12h", "2026-01-02T15:00:00Z")]
    [InlineData("2027-01-31", "2027-01-31T00:00:00Z")]
    [InlineData("2027-01-31T10:00:00+02:00", "2027-01-31T08:00:00Z")]
    public void Parse_Text_IsTheTime(string? text, string? at) => Assert.Equal(
        at is null ? null : DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), KeyExpiry.Parse(text, Now));

    [Theory]
    [InlineData("soon")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("5w")]
    [InlineData("2147483647d")]
    public void Parse_AnythingElse_IsRefused(string text) =>
        Assert.Contains(text, Assert.Throws<CommandException>(() => KeyExpiry.Parse(text, Now)).Message, StringComparison.Ordinal);
}
