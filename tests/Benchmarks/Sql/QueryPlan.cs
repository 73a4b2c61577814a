using System.Text.Json;

namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>What <c>explain (analyze, buffers, format json)</c> tells of a query.</summary>
/// <param name="Milliseconds">Planning and execution.</param>
/// <param name="RowsReturned">Rows of the answer.</param>
/// <param name="RowsRead">Rows taken out of tables and indexes.</param>
/// <param name="Pages">Pages of 8 KB that it looked at.</param>
/// <param name="ReadWhole">Large tables that were read from one end to the other.</param>
internal sealed record QueryPlan(double Milliseconds, double RowsReturned, double RowsRead, double Pages, IReadOnlyList<string> ReadWhole)
{
    private const double LargeTableRows = 10_000;

    public static QueryPlan Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement[0];
        var plan = root.GetProperty("Plan");
        var nodes = Nodes(plan).ToList();
        return new QueryPlan(
            Number(root, "Planning Time") + Number(root, "Execution Time"),
            Number(plan, "Actual Rows"),
            nodes.Where(IsScan).Sum(RowsOf),
            Number(plan, "Shared Hit Blocks") + Number(plan, "Shared Read Blocks"),
            [.. nodes.Where(n => Text(n, "Node Type") == "Seq Scan" && Number(n, "Actual Loops") > 0 && RowsOf(n) >= LargeTableRows)
                .Select(n => Text(n, "Relation Name")).Distinct().Order(StringComparer.Ordinal)]);
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var children) ? children.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    private static bool IsScan(JsonElement node) => Text(node, "Node Type").EndsWith("Scan", StringComparison.Ordinal)
        && node.TryGetProperty("Relation Name", out _);

    private static double RowsOf(JsonElement node) =>
        (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter")) * Number(node, "Actual Loops");

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;

    private static string Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
