using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// The gates of all hosts that this process has asked: one for each source, so that the broken images of one seller do not hold up those of
/// another at the same host.
/// </summary>
internal sealed class HostGates(IOptions<IngestOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, HostPause> _pauses = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Host, string Source), HostGate> _gates = new();

    /// <summary>The name that stands for a host here: its name, in lower case, and port.</summary>
    public static string NameOf(Uri uri) => $"{uri.Host}:{uri.Port}";

    public HostGate Of(Uri uri, string source) =>
        _gates.GetOrAdd((NameOf(uri), source), gate => new HostGate(
            gate.Host, options.Value.MaxRequestsPerHost, time, _pauses.GetOrAdd(gate.Host, _ => new HostPause())));

    /// <summary>Hosts that would not be asked for images of a source now.</summary>
    public IReadOnlyList<(string Host, string Source)> Closed() => [.. _gates.Where(g => g.Value.IsClosed).Select(g => g.Key)];
}
