using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Placeholders;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>The SQL of a list of groups, put together from constants by the query. Pure.</summary>
internal sealed class GroupListStatement
{
    private const double Rounding = 1e-9;

    // Members looked at of a group: a giant must not make a page wait.
    private const int MaxMembersLookedUp = 2_000;

    private readonly List<object?> _values;
    private readonly List<string> _conditions = [];
    private readonly List<string> _lookups = [];
    private readonly GroupSort _sort;

    /// <summary>For a query.</summary>
    /// <param name="model">The model.</param>
    /// <param name="query">Order, filter and place.</param>
    /// <param name="inOpenPairs">The pictures of open pairs, when the filter asks for these.</param>
    public GroupListStatement(ServingModel model, GroupListQuery query, IReadOnlyCollection<long>? inOpenPairs = null)
    {
        (_sort, _values) = (query.Sort, [model.ModelId]);
        var filter = query.Filter;
        if (query.After is { } after)
        {
            var compares = _sort.Descends ? "<" : ">";
            _conditions.Add($"({_sort.Key}, g.group_id) {compares} ({Value(after.Key)}::{_sort.SqlType}, {Value(after.Id)})");
        }

        if (filter.Source is { } source)
        {
            _conditions.Add(InGroupsOf($"i.source = {Value(source)}"));
        }

        if (filter.Key is { } key)
        {
            _conditions.Add(InGroupsOf($"i.product_key = {Value(key)}"));
        }

        if (filter.OpenPair)
        {
            _conditions.Add(
                $"""
                g.group_id in (
                    select m.group_id from cpf.group_members m
                    where m.model_id = $1 and m.content_id = any({Value((inOpenPairs ?? []).ToArray())}))
                """);
        }

        if (filter.MinSize is { } min)
        {
            _conditions.Add($"g.size >= {Value(min)}");
        }

        if (filter.MaxSize is { } max)
        {
            _conditions.Add($"g.size <= {Value(max)}");
        }

        if (filter.MaxMargin is { } margin)
        {
            _conditions.Add($"g.weakest_merge <= {Value(model.Threshold + margin)}");
        }

        // A height is compared with the threshold as it was when the groups were made, give or take a rounding.
        if (filter.Held)
        {
            _conditions.Add($"g.weakest_merge < {Value(model.Threshold - Rounding)}");
        }
        else if (_sort == GroupSort.Doubt)
        {
            _conditions.Add($"g.weakest_merge >= {Value(model.Threshold - Rounding)}");
        }

        if (filter.Since is { } since)
        {
            _conditions.Add($"g.changed_at >= {Value(new DateTimeOffset(since, TimeOnly.MinValue, TimeSpan.Zero))}");
        }

        if (filter.Conflict)
        {
            // Two keys differ surely when both are global, or both of one source.
            _lookups.Add(
                $"""
                exists (
                    select from {MembersOfGroup} m join cpf.images i on i.content_id = m.content_id and i.state = 'stored'
                    where i.product_key is not null and {SourcePlaceholderStore.Spares("i")}
                    group by i.key_scope, case when i.key_scope = 'source' then i.source end
                    having min(i.product_key) <> max(i.product_key))
                """);
        }

        if (filter.ChangedBy is { } changedBy)
        {
            _lookups.Add(
                $"""
                exists (
                    select from {MembersOfGroup} m join cpf.group_events e on e.content_id = m.content_id
                    where e.model_id = {Value(changedBy)} and e.kind in ('merged', 'split'))
                """);
        }
    }

    /// <summary>What its parameters stand for.</summary>
    public object?[] Values => [.. _values];

    /// <summary>Whether the filter has parts that no index answers.</summary>
    public bool IsLookedUp => _lookups.Count > 0;

    /// <summary>Groups in order: id, size, weakest merge, medoid, time of change, sort key.</summary>
    /// <param name="maxLookups">Groups looked up at most.</param>
    /// <param name="limit">Rows at most.</param>
    public string Page(int maxLookups, int limit) =>
        $"""
        select g.group_id, g.size, g.weakest_merge, g.medoid, g.changed_at, {_sort.Key}
        from {(IsLookedUp ? $"({Candidates(maxLookups)})" : "cpf.groups")} as g
        where {(IsLookedUp ? string.Join(" and ", _lookups) : Conditions)}
        order by {Order} limit {Number(limit)}
        """;

    /// <summary>The last group that <see cref="Page"/> looked up, as sort key and id; no row when it came to the end of the list.</summary>
    public string LastLookedAt(int maxLookups) =>
        $"""
        select {_sort.Key}, g.group_id from ({Candidates(maxLookups)}) as g order by {Order} offset {Number(maxLookups - 1)}
        """;

    private static string MembersOfGroup =>
        $"""
        (select o.content_id from cpf.group_members o
         where o.model_id = $1 and o.group_id = g.group_id limit {Number(MaxMembersLookedUp)})
        """;

    private string Conditions => string.Join(" and ", _conditions.Prepend("g.model_id = $1"));

    private string Order => _sort.Descends ? $"{_sort.Key} desc, g.group_id desc" : $"{_sort.Key}, g.group_id";

    private string Candidates(int maxLookups) =>
        $"select g.* from cpf.groups g where {Conditions} order by {Order} limit {Number(maxLookups)}";

    private static string InGroupsOf(string condition) =>
        $"""
        g.group_id in (
            select m.group_id from cpf.images i join cpf.group_members m on m.model_id = $1 and m.content_id = i.content_id
            where i.state = 'stored' and {condition} and {SourcePlaceholderStore.Spares("i")})
        """;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private string Value(object value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }
}
