using CpfPipeline.Matcher.Pages.Overview;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Overview;

public sealed class RejectedPlaceTests
{
    [Fact]
    public void Parse_WhatWasWritten_IsThePlace()
    {
        var place = new RejectedPlace(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_560), Guid.NewGuid());
        Assert.Equal(place, RejectedPlace.Parse(place.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("1")]
    [InlineData("-1~00000000-0000-0000-0000-000000000000")]
    [InlineData("9999999999999999999~00000000-0000-0000-0000-000000000000")]
    [InlineData("300000000000000000~00000000-0000-0000-0000-000000000000")]
    [InlineData("1~nothing")]
    public void Parse_NoPlace_IsNone(string text) => Assert.Null(RejectedPlace.Parse(text));
}
