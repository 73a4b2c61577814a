using System.Globalization;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Pages.Groups;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher.Pages.Groups;

public sealed class GroupListQueryTests
{
    [Fact]
    public void Parse_NoQuery_IsTheMostDoubtfulOfAll()
    {
        var (query, problem) = Parse("");
        Assert.Null(problem);
        Assert.Equal(new GroupListQuery(GroupSort.Doubt, new GroupFilter(), null), query);
    }

    [Fact]
    public void Parse_EmptyFields_AreLeftOut() =>
        Assert.True(Parse("?sort=size&source=&key=&min=&max=&margin=&since=&changed=").Query!.Filter.IsEmpty);

    [Fact]
    public void Address_OfAnyView_ReadsBackAsTheSame()
    {
        var text = Gen.String[Gen.Char.AlphaNumeric, 1, 20].Select(s => $"{s}/ü &#?=+%{s}");
        var filters =
            from source in text.Null()
            from key in text.Null()
            from min in Gen.Int[2, 1000].Nullable()
            from margin in Gen.Double[0, 2].Nullable()
            from day in Gen.Int[0, 40_000].Nullable()
            from conflict in Gen.Bool
            from open in Gen.Bool
            from changed in Gen.Long[1, long.MaxValue].Nullable()
            select new GroupFilter
            {
                Source = source, Key = key, MinSize = min, MaxSize = min + 3, MaxMargin = margin,
                Since = day is { } d ? new DateOnly(1970, 1, 1).AddDays(d) : null, Conflict = conflict, OpenPair = open,
                ChangedBy = changed,
            };
        var keys = Gen.Select(Gen.Int[0, 2], Gen.Double[-1, 1], Gen.Int[-100_000, -2], Gen.Long[0, 4_000_000_000_000_000]);
        Gen.Select(filters, keys, Gen.Long[0, long.MaxValue], Gen.Bool).Sample((filter, key, id, isStart) =>
        {
            var (sort, height, size, time) = key;
            object value = sort switch
            {
                0 => height,
                1 => size,
                _ => DateTimeOffset.UnixEpoch.AddTicks(time * TimeSpan.TicksPerMicrosecond),
            };
            var query = new GroupListQuery(GroupSort.All[sort], filter, isStart ? null : new ListPlace<long>(value, id));
            var (read, problem) = Parse(new Uri("http://host" + query.Address("/gallery")).Query);
            return problem is null && read == query;
        });
    }

    [Theory]
    [InlineData("?sort=colour", "sort must be doubt, size, newest, not 'colour'.")]
    [InlineData("?min=1", "min must be a number from 2 to 2147483647, not '1'.")]
    [InlineData("?max=many", "max must be a number from 2 to 2147483647, not 'many'.")]
    [InlineData("?margin=-0.1", "margin must be a number from 0 to 2, not '-0.1'.")]
    [InlineData("?margin=NaN", "margin must be a number from 0 to 2, not 'NaN'.")]
    [InlineData("?since=31.1.2026", "since must be a day like 2026-01-31, not '31.1.2026'.")]
    [InlineData("?after=x~1", "after is not a position of this order.")]
    [InlineData("?after=NaN~1", "after is not a position of this order.")]
    [InlineData("?sort=newest&after=99999999999999999999~1", "after is not a position of this order.")]
    [InlineData("?sort=newest&after=9000000000000000000~1", "after is not a position of this order.")]
    [InlineData("?min=0&max=0", "min must be a number from 2 to 2147483647, not '0'; max must be a number from 2 to 2147483647, not '0'.")]
    [InlineData("?source=a%00b", "source is no text of at most 500 characters.")]
    public void Parse_OddValue_SaysWhichAndWhatItMayBe(string address, string expected) => Assert.Equal((null, expected), Parse(address));

    [Fact]
    public void Address_InAnyCulture_IsTheSame()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            var query = new GroupListQuery(GroupSort.Doubt, new GroupFilter { MaxMargin = 0.5 }, new ListPlace<long>(0.25, 7));
            Assert.Equal("/gallery?margin=0.5&after=0.25~7", query.Address("/gallery"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static (GroupListQuery? Query, string? Problem) Parse(string query) =>
        GroupListQuery.Parse(new QueryCollection(QueryHelpers.ParseQuery(query)));
}
