using System.Diagnostics.Metrics;
using CpfPipeline.Hosting.Telemetry.Exposition;
using CpfPipeline.Tests.Unit.Fixtures;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Telemetry.Exposition;

public sealed class MetricSnapshotTests : IDisposable
{
    private readonly Meter _meter = new($"test-{Guid.NewGuid():N}");
    private readonly HandClock _clock = new();
    private readonly MetricSnapshot _snapshot;
    private readonly MeterProvider _provider;

    public MetricSnapshotTests()
    {
        _snapshot = new MetricSnapshot(_clock);
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name).AddReader(new BaseExportingMetricReader(_snapshot)).Build();
    }

    [Fact]
    public void Read_CounterWithOddLabels_IsEscaped()
    {
        _meter.CreateCounter<long>("odd.things", "{thing}", "Two\nlines and a \\.")
            .Add(3, new KeyValuePair<string, object?>("odd.label", "a \"quoted\" \\ path\nnext"));

        Assert.Contains(
            """
            # HELP odd_things_total Two\nlines and a \\.
            # TYPE odd_things_total counter
            odd_things_total{odd_label="a \"quoted\" \\ path\nnext"} 3

            """, _snapshot.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LabelsOfOtherTypes_AreAsOtlpHasThem()
    {
        _meter.CreateCounter<long>("typed").Add(
            1, new KeyValuePair<string, object?>("flag", true), new KeyValuePair<string, object?>("status", 503));

        Assert.Contains("typed_total{flag=\"true\",status=\"503\"} 1\n", _snapshot.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Histogram_HasCumulativeBucketsUpToInfinity()
    {
        var histogram = _meter.CreateHistogram(
            "took", "s", "Time.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [.5, 2] });
        foreach (var value in new[] { .25, .5, 1, 3 })
        {
            histogram.Record(value);
        }

        Assert.Contains(
            """
            # HELP took_seconds Time.
            # TYPE took_seconds histogram
            took_seconds_bucket{le="0.5"} 2
            took_seconds_bucket{le="2"} 3
            took_seconds_bucket{le="+Inf"} 4
            took_seconds_sum 4.75
            took_seconds_count 4

            """, _snapshot.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_CounterThatWasAddedZero_IsThere()
    {
        _meter.CreateCounter<long>("never").Add(0);
        Assert.Contains("\nnever_total 0\n", _snapshot.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_GaugeThatIsAnothersToSay_IsGone()
    {
        double[] values = [1.5];
        _meter.CreateObservableGauge("mine", () => values.Select(v => new Measurement<double>(v)));
        Assert.Contains("\nmine 1.5\n", _snapshot.Read(), StringComparison.Ordinal);

        values = [];
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("\nmine ", _snapshot.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithinASecond_CollectsOnce()
    {
        var collected = 0;
        _meter.CreateObservableGauge("asked", () => ++collected);
        _snapshot.Read();
        _snapshot.Read();
        Assert.Equal(1, collected);

        _clock.Advance(TimeSpan.FromSeconds(1));
        _snapshot.Read();
        Assert.Equal(2, collected);
    }

    [Fact]
    public void Read_OneNameOfTwoMeters_IsOneFamily()
    {
        using var other = new Meter($"{_meter.Name}");
        _meter.CreateCounter<long>("shared").Add(1, new KeyValuePair<string, object?>("from", "one"));
        other.CreateCounter<long>("shared").Add(2, new KeyValuePair<string, object?>("from", "two"));

        var text = _snapshot.Read();
        Assert.Equal(2, text.Split("# TYPE shared_total counter").Length);
        Assert.Contains("shared_total{from=\"two\"} 2\n", text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _provider.Dispose();
        _snapshot.Dispose();
        _meter.Dispose();
    }
}
