using CpfPipeline.Hosting.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Telemetry;

public sealed class OtlpSignalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:4317")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://127.0.0.1:4317")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_TRACES_EXPORTER=none")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_TRACES_EXPORTER=otlp")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317", "OTEL_LOGS_EXPORTER=none")]
    public void IsExported_WithSettings_AsTheStandardSays(bool expected, params string[] settings) =>
        Assert.Equal(expected, Signal(settings).IsExported);

    [Fact]
    public void Configure_SettingsOfTheSignal_TakeTheirPlace()
    {
        var options = new OtlpExporterOptions { Headers = "a=1" };
        Signal(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://127.0.0.1:9/v1/traces", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=250", "OTEL_EXPORTER_OTLP_TRACES_HEADERS=b=2").Configure(options);

        Assert.Equal(
            ("http://127.0.0.1:9/v1/traces", OtlpExportProtocol.HttpProtobuf, 250, "b=2"),
            (options.Endpoint.ToString(), options.Protocol, options.TimeoutMilliseconds, options.Headers));
    }

    [Fact]
    public void Configure_NothingOfTheSignal_LeavesWhatHoldsForAll()
    {
        var options = new OtlpExporterOptions { Headers = "a=1", TimeoutMilliseconds = 7 };
        Signal("OTEL_EXPORTER_OTLP_LOGS_HEADERS=b=2").Configure(options);
        Assert.Equal(("a=1", 7), (options.Headers, options.TimeoutMilliseconds));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json", "grpc or http/protobuf")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=localhost", "a URI")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=-1", "milliseconds")]
    public void Configure_SettingThatCannotBeRead_IsNamed(string setting, string expected)
    {
        var error = Assert.Throws<FormatException>(() => Signal(setting).Configure(new OtlpExporterOptions()));
        Assert.Contains(setting.Split('=')[0], error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static OtlpSignal Signal(params string[] settings) => new(
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => s.Split('=', 2)).Select(s => KeyValuePair.Create(s[0], (string?)s[1]))).Build(),
        "TRACES");
}
