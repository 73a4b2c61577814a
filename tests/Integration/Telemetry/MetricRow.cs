using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Integration.Telemetry;

/// <summary>A row of the table of metrics in infra/telemetry/README.md.</summary>
/// <param name="Name">As Prometheus has it.</param>
/// <param name="Instrument">As OTLP has it.</param>
/// <param name="Kind">counter, gauge or histogram.</param>
/// <param name="Unit">As the instrument has it.</param>
/// <param name="Labels">Names of its labels.</param>
/// <param name="Services">Who publishes it.</param>
/// <param name="MayBeMissing">Whether it comes with an event that need not happen: its meaning says so.</param>
internal sealed partial record MetricRow(
    string Name, string Instrument, string Kind, string Unit, IReadOnlyList<string> Labels, IReadOnlyList<string> Services,
    bool MayBeMissing)
{
    private static readonly string[] AllServices = ["Ingest", "Embedder", "Matcher", "Trainer"];

    /// <param name="checkout">Folder of the checkout.</param>
    public static IReadOnlyList<MetricRow> ReadAll(string checkout) =>
    [
        .. Row().Matches(File.ReadAllText(Path.Combine(checkout, "infra", "telemetry", "README.md"))).Select(row => new MetricRow(
            row.Groups["name"].Value,
            row.Groups["instrument"].Value,
            row.Groups["kind"].Value,
            row.Groups["unit"].Value.Trim('`', ' '),
            [.. Label().Matches(row.Groups["labels"].Value).Select(label => label.Groups[1].Value)],
            row.Groups["services"].Value is "all" ? AllServices : row.Groups["services"].Value.Split(", "),
            row.Groups["meaning"].Value.Contains("Missing ", StringComparison.Ordinal))),
    ];

    [GeneratedRegex(
        @"^\| `(?<name>[a-z0-9_]+)` \| `(?<instrument>[a-z0-9_.]+)` \| (?<kind>counter|gauge|histogram) \|(?<unit>[^|]*)\|(?<labels>[^|]*)"
        + @"\| (?<services>[A-Za-z, ]+) \| (?<meaning>[^|]*) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Label();
}
