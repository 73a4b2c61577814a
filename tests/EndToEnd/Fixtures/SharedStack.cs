using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>One pipeline for the tests that only add to it; every test has a source of its own.</summary>
public sealed class SharedStack : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-e2e-files-").FullName;
    private int _folders;

    /// <summary>The pipeline.</summary>
    public Stack Stack { get; private set; } = null!;

    /// <summary>Receives what the services export.</summary>
    internal OtlpReceiver Telemetry { get; } = new();

    /// <summary>A new folder that the services may read files from.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"{Interlocked.Increment(ref _folders)}")).FullName;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Stack = await Stack.UpAsync(new()
    {
        ["Ingest__FileRoots__0"] = _folder,
        ["Matcher__GaugesEvery"] = "00:00:01",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Telemetry.Address.ToString(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "2000",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stack.DisposeAsync();
        Telemetry.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
