using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Telemetry.Exposition;
using CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Roles;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Telemetry;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Telemetry;

/// <summary>What the running services measure is what the table says, and what dashboards and alerts ask for.</summary>
[Collection(AccessServices.Collection)]
public sealed partial class MetricsEndpointTests(AccessServices services)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Instruments_OfTheServices_AreThoseOfTheTable()
    {
        var documented = MetricRow.ReadAll(Repository.Root()).Where(row => row.Instrument != "target_info")
            .Select(row => $"{row.Name} {row.Instrument} {row.Kind} {row.Unit}");
        var measured = Published().Where(i => i.Meter.Name == CpfTelemetry.Name)
            .Select(i => $"{NameOf(i)} {i.Name} {KindOf(i)} {i.Unit}");

        Assert.Equal(documented.Distinct().Order(StringComparer.Ordinal), measured.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Instruments_OfTheServices_SayWhatTheyMean() =>
        Assert.Empty(Published().Where(i => i.Meter.Name == CpfTelemetry.Name && !(i.Description ?? "").EndsWith('.')).Select(i => i.Name));

    [Fact]
    public void Expressions_OfDashboardsAndAlerts_NameMetricsThatTheServicesHave()
    {
        var there = Published().SelectMany(SeriesOf).Concat(SeriesOfTheBus()).Append("up").ToHashSet(); // Prometheus itself makes "up".
        var asked = QueryExpressions.All().SelectMany(e => QueryExpressions.MetricsOf(e.Text).Select(metric => (e.Place, metric))).ToList();

        Assert.True(asked.Count > 60, $"only {asked.Count} names were found");
        Assert.Empty(
            string.Join('\n', asked.Where(a => !there.Contains(a.metric)).Select(a => $"{a.Place} asks for {a.metric}, which nobody has")));
    }

    [Theory]
    [InlineData("Ingest")]
    [InlineData("Embedder")]
    [InlineData("Matcher")]
    [InlineData("Trainer")]
    public async Task Scrape_OfEveryService_IsWhatPrometheusTakes(string service)
    {
        using var client = TestKey.Client(services.Address(service));
        using var answer = await client.GetAsync("/metrics", Token);
        var text = await answer.Content.ReadAsStringAsync(Token);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("target_info{", text, StringComparison.Ordinal);
        Assert.Contains("\ncpf_service_ready ", text, StringComparison.Ordinal);
        await Promtool.RunAsync(Repository.Root(), ["check", "metrics"], WithoutNamesOfOthers(text));
    }

    [Fact]
    public async Task Labels_OfTheServices_AreThoseOfTheTable()
    {
        var allowed = MetricRow.ReadAll(Repository.Root()).GroupBy(row => row.Name)
            .ToDictionary(g => g.Key, g => g.SelectMany(row => row.Labels).ToHashSet());
        using var client = TestKey.Client(services.Address("Matcher"));
        var text = await client.GetStringAsync("/metrics", Token);

        Assert.Empty((from line in text.Split('\n')
                      where line.StartsWith("cpf_", StringComparison.Ordinal)
                      let name = line.Split('{', ' ')[0]
                      let row = allowed.Keys.Where(name.StartsWith).MaxBy(n => n.Length)
                      from label in Label().Matches(line).Select(m => m.Groups[1].Value)
                      where label != "le" && !(row is not null && allowed[row].Contains(label))
                      select $"{name}: {label}").Distinct());
    }

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();

    // promtool also judges names, and those of .NET and MassTransit are not ours.
    private static string WithoutNamesOfOthers(string text) =>
        string.Concat(text.Split("# HELP ", StringSplitOptions.RemoveEmptyEntries)
            .Where(family => family.StartsWith("cpf_", StringComparison.Ordinal)).Select(family => $"# HELP {family}"));

    // Everything that any meter of this process has: the four services run in it.
    private static List<Instrument> Published()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => instruments.Add(instrument) };
        listener.Start();
        return instruments;
    }

    private static IEnumerable<string> SeriesOf(Instrument instrument)
    {
        var name = NameOf(instrument);
        return KindOf(instrument) == "histogram" ? [$"{name}_bucket", $"{name}_sum", $"{name}_count"] : [name];
    }

    // MassTransit keeps one meter for a process, which is gone with the first host: here the hosts of other tests came before.
    private static IEnumerable<string> SeriesOfTheBus()
    {
        const string Consume = "messaging.masstransit.consume";
        yield return PrometheusName.OfInstrument(Consume, "ea", true, false);
        yield return PrometheusName.OfInstrument(Consume + ".errors", "ea", true, false);
        yield return PrometheusName.OfInstrument(Consume + ".duration", "ms", false, false) + "_bucket";
    }

    private static string NameOf(Instrument instrument) => PrometheusName.OfInstrument(
        instrument.Name, instrument.Unit, KindOf(instrument) == "counter", KindOf(instrument) == "gauge");

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "Counter" or "ObservableCounter" => "counter",
        "Histogram" => "histogram",
        _ => "gauge",
    };
}
