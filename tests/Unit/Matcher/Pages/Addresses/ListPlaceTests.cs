using CpfPipeline.Matcher.Pages.Addresses;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Addresses;

public sealed class ListPlaceTests
{
    [Fact]
    public void Parse_WhatWasWritten_IsThePlace()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1_234_560);
        AssertReadsBack(new ListPlace<Guid>(at, Guid.NewGuid()), ListKey.Time);
        AssertReadsBack(new ListPlace<long>(Math.BitIncrement(0.1), long.MaxValue), ListKey.Similarity);
        AssertReadsBack(new ListPlace<long>(-7, 0), ListKey.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("1")]
    [InlineData("-1~00000000-0000-0000-0000-000000000000")]
    [InlineData("9999999999999999999~00000000-0000-0000-0000-000000000000")]
    [InlineData("300000000000000000~00000000-0000-0000-0000-000000000000")]
    [InlineData("1~nothing")]
    public void Parse_NoPlace_IsNone(string text) => Assert.Null(ListPlace<Guid>.Parse(text, ListKey.Time));

    private static void AssertReadsBack<TId>(ListPlace<TId> place, ListKey key)
        where TId : struct, ISpanParsable<TId>, ISpanFormattable => Assert.Equal(place, ListPlace<TId>.Parse(place.ToString(), key));
}
