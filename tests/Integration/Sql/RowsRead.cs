using System.Text.Json;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>
/// How many rows a query takes out of tables and indexes, by its executed plan: what it costs, whatever else the machine does.
/// </summary>
internal static class RowsRead
{
    /// <summary>Runs a query as a data team does.</summary>
    public static async Task<double> OfAsync(DataTeam team, string sql)
    {
        var answer = await team.ValueAsync($"explain (analyze, timing off, format json) {sql}");
        return InPlan((string)answer!);
    }

    /// <summary>The same of a plan that was executed: <c>explain (analyze, format json)</c>.</summary>
    public static double InPlan(string json)
    {
        using var plan = JsonDocument.Parse(json);
        return Under(plan.RootElement[0].GetProperty("Plan"));
    }

    private static double Under(JsonElement node)
    {
        var read = 0.0;
        if (node.GetProperty("Node Type").GetString()!.EndsWith("Scan", StringComparison.Ordinal))
        {
            read += (Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter")) * Number(node, "Actual Loops");
        }

        return node.TryGetProperty("Plans", out var children) ? read + children.EnumerateArray().Sum(Under) : read;
    }

    private static double Number(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
