using System.Globalization;
using CpfPipeline.Matcher.Pages.Addresses;
using Microsoft.AspNetCore.Http.Extensions;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>What a list of groups shows: the address of the page, read. Every view is an address.</summary>
/// <param name="Sort">The order.</param>
/// <param name="Filter">Which groups.</param>
/// <param name="After">Where the list continues; null: at its start.</param>
public sealed record GroupListQuery(GroupSort Sort, GroupFilter Filter, ListPlace<long>? After)
{
    private const string DateFormat = "yyyy-MM-dd";
    private const int MaxTextLength = 500;

    /// <summary>Reads an address's query. Empty fields, as a form sends them, are left out.</summary>
    /// <returns>The query, or what is wrong with it, for a person.</returns>
    public static (GroupListQuery? Query, string? Problem) Parse(IQueryCollection values)
    {
        var problems = new List<string>();
        var word = Text("sort");
        var sort = word is null ? GroupSort.Doubt : GroupSort.All.FirstOrDefault(s => s.Word == word);
        if (sort is null)
        {
            problems.Add($"sort must be {string.Join(", ", GroupSort.All.Select(s => s.Word))}, not '{word}'");
        }

        var filter = new GroupFilter
        {
            Source = Text("source"),
            Key = Text("key"),
            MinSize = Number<int>("min", 2, int.MaxValue),
            MaxSize = Number<int>("max", 2, int.MaxValue),
            MaxMargin = Number("margin", 0.0, 2.0),
            Since = Date("since"),
            Conflict = IsSet("conflict"),
            Held = IsSet("held"),
            OpenPair = IsSet("open"),
            ChangedBy = Number<long>("changed", 1, long.MaxValue),
        };
        var after = Text("after");
        var cursor = after is null || sort is null ? null : ListPlace<long>.Parse(after, sort.KeyKind);
        if (after is not null && sort is not null && cursor is null)
        {
            problems.Add("after is not a position of this order");
        }

        return problems.Count > 0 ? (null, $"{string.Join("; ", problems)}.") : (new GroupListQuery(sort!, filter, cursor), null);

        bool IsSet(string name) => Text(name) is "1" or "on" or "true";

        string? Text(string name)
        {
            var text = values[name].ToString().Trim();
            if (text.Length > MaxTextLength || text.Contains('\0'))
            {
                problems.Add($"{name} is no text of at most {MaxTextLength} characters");
                return null;
            }

            return text.Length == 0 ? null : text;
        }

        T? Number<T>(string name, T min, T max)
            where T : struct, ISpanParsable<T>, IComparable<T>
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0)
            {
                return value;
            }

            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {min} to {max}, not '{text}'"));
            return null;
        }

        DateOnly? Date(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                return date;
            }

            problems.Add($"{name} must be a day like 2026-01-31, not '{text}'");
            return null;
        }
    }

    /// <summary>The address of this view.</summary>
    public string Address(string path)
    {
        var query = new QueryBuilder();
        Add("sort", Sort == GroupSort.Doubt ? null : Sort.Word);
        Add("source", Filter.Source);
        Add("key", Filter.Key);
        Add("min", Filter.MinSize?.ToString(CultureInfo.InvariantCulture));
        Add("max", Filter.MaxSize?.ToString(CultureInfo.InvariantCulture));
        Add("margin", Filter.MaxMargin?.ToString(CultureInfo.InvariantCulture));
        Add("since", Filter.Since?.ToString(DateFormat, CultureInfo.InvariantCulture));
        Add("conflict", Filter.Conflict ? "1" : null);
        Add("held", Filter.Held ? "1" : null);
        Add("open", Filter.OpenPair ? "1" : null);
        Add("changed", Filter.ChangedBy?.ToString(CultureInfo.InvariantCulture));
        Add("after", After?.ToString());
        return path + query.ToQueryString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                query.Add(name, value);
            }
        }
    }
}
