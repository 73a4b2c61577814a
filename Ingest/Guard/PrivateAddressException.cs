namespace CpfPipeline.Ingest.Guard;

/// <summary>A name resolves to private addresses only.</summary>
/// <param name="host">The name.</param>
internal sealed class PrivateAddressException(string host) : Exception($"{host} has no public address.");
