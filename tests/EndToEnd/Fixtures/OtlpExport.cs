namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>One request of an exporter.</summary>
/// <param name="Path"><c>/v1/traces</c>, <c>/v1/metrics</c> or <c>/v1/logs</c>.</param>
/// <param name="Body">Protobuf.</param>
public sealed record OtlpExport(string Path, byte[] Body);
