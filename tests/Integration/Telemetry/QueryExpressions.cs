using System.Text.Json;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.Integration.Fixtures;

namespace CpfPipeline.Tests.Integration.Telemetry;

/// <summary>The PromQL of the dashboards and alert rules.</summary>
internal static partial class QueryExpressions
{
    private static readonly HashSet<string> Words =
    [
        "by", "on", "and", "or", "unless", "sum", "min", "max", "count", "rate", "increase", "changes", "deriv", "absent", "time", "topk",
        "histogram_quantile",
    ];

    /// <summary>Where each stands, and what it says.</summary>
    public static IReadOnlyList<(string Place, string Text)> All()
    {
        var folder = Path.Combine(Repository.Root(), "infra", "telemetry");
        var dashboards = from file in Directory.EnumerateFiles(Path.Combine(folder, "grafana", "dashboards"), "*.json")
                         let panels = JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("panels")
                         from panel in panels.EnumerateArray()
                         where panel.TryGetProperty("targets", out _)
                         from target in panel.GetProperty("targets").EnumerateArray()
                         select ($"{Path.GetFileName(file)} {panel.GetProperty("title")}", target.GetProperty("expr").GetString()!);
        var alerts = Alert().Matches(File.ReadAllText(Path.Combine(folder, "alerts.yml")))
            .Select(alert => (alert.Groups["name"].Value, alert.Groups["expr"].Value.ReplaceLineEndings(" ")));
        return [.. dashboards, .. alerts];
    }

    /// <summary>The metrics that an expression names: what is neither a word of PromQL, nor within braces or a list of labels.</summary>
    public static IEnumerable<string> MetricsOf(string expression) =>
        Name().Matches(ListOfLabels().Replace(Braces().Replace(expression, ""), "")).Select(name => name.Value)
            .Where(name => !Words.Contains(name)).Distinct();

    [GeneratedRegex(@"- alert: (?<name>\w+)\s+expr: (?:>-\s+)?(?<expr>.+?)\n\s+(?:for|labels):", RegexOptions.Singleline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\b(?:by|on)\s*\([^)]*\)")]
    private static partial Regex ListOfLabels();

    [GeneratedRegex(@"\b[a-z][a-z0-9_]*\b")]
    private static partial Regex Name();
}
