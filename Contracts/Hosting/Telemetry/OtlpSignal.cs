using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace CpfPipeline.Hosting.Telemetry;

/// <summary>Where one signal goes by OTLP, by OpenTelemetry's standard settings.</summary>
/// <remarks>
/// The exporter reads the settings that hold for all signals by itself. Those of one signal (<c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c> and
/// so on) it reads only where one call adds all signals, and then none can be left out.
/// </remarks>
/// <param name="configuration">Settings, the environment's among them.</param>
/// <param name="name"><c>TRACES</c>, <c>METRICS</c> or <c>LOGS</c>.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    /// <summary>Whether it is exported: an endpoint is set, and <c>OTEL_(signal)_EXPORTER</c> does not say <c>none</c>.</summary>
    public bool IsExported =>
        configuration[$"OTEL_{name}_EXPORTER"] is not "none" && (Own("ENDPOINT") ?? configuration[$"{Prefix}ENDPOINT"]) is { Length: > 0 };

    /// <summary>Sets what is said of this signal alone.</summary>
    /// <exception cref="FormatException">A setting cannot be read.</exception>
    public void Configure(OtlpExporterOptions options)
    {
        if (Own("PROTOCOL") is { } protocol)
        {
            options.Protocol = protocol switch
            {
                "grpc" => OtlpExportProtocol.Grpc,
                "http/protobuf" => OtlpExportProtocol.HttpProtobuf,
                _ => throw new FormatException($"{Prefix}{name}_PROTOCOL must be grpc or http/protobuf."),
            };
        }

        // The protocol comes first: it decides the default of the endpoint.
        if (Own("ENDPOINT") is { } endpoint)
        {
            options.Endpoint = Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
                ? uri : throw new FormatException($"{Prefix}{name}_ENDPOINT must be a URI.");
        }

        options.Headers = Own("HEADERS") ?? options.Headers;
        if (Own("TIMEOUT") is { } timeout)
        {
            options.TimeoutMilliseconds = int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
                ? milliseconds : throw new FormatException($"{Prefix}{name}_TIMEOUT must be a number of milliseconds.");
        }
    }

    private string? Own(string setting) => configuration[$"{Prefix}{name}_{setting}"] is { Length: > 0 } value ? value : null;
}
