using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Telemetry;
using CpfPipeline.Hosting.Telemetry.Exposition;
using CpfPipeline.Tests.Unit.Fixtures;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Telemetry;

public sealed class MetricViewsTests
{
    [Theory]
    [InlineData("System.Net.Http", "http.client.request.duration", "server.address", false)]
    [InlineData("System.Net.Http", "http.client.open_connections", "network.peer.address", false)]
    [InlineData("System.Net.Http", "http.client.request.duration", "http.response.status_code", true)]
    [InlineData("System.Net.Http", "http.client.open_connections", "http.connection.state", true)]
    [InlineData("Npgsql", "db.client.operation.duration", "db.client.connection.pool.name", false)]
    [InlineData("Npgsql", "db.client.connection.count", "db.client.connection.state", true)]
    [InlineData("MassTransit", "messaging.masstransit.consume.duration", "messaging.masstransit.destination", false)]
    [InlineData("MassTransit", "messaging.masstransit.consume", "messaging.masstransit.message_type", true)]
    [InlineData(CpfTelemetry.Name, "cpf.ingest.rejected", "reason", true)]
    public void Of_LabelWithoutABound_IsDropped(string meterName, string instrument, string label, bool kept)
    {
        using var meter = new Meter(meterName);
        using var snapshot = new MetricSnapshot(new HandClock());
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meterName).AddView(MetricViews.Of)
            .AddReader(new BaseExportingMetricReader(snapshot)).Build();
        meter.CreateHistogram<double>(instrument, "s").Record(1, new KeyValuePair<string, object?>(label, "the-value-of-this-test"));

        var text = snapshot.Read();

        Assert.Contains(PrometheusName.OfInstrument(instrument, "s", isCounter: false, isGauge: false), text, StringComparison.Ordinal);
        Assert.Equal(kept, text.Contains("the-value-of-this-test", StringComparison.Ordinal));
    }
}
