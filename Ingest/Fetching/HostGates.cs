using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>The gates of all hosts that this process has asked.</summary>
internal sealed class HostGates(IOptions<IngestOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, HostGate> _gates = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name that stands for a host here: its name and port.</summary>
    public static string NameOf(Uri uri) => $"{uri.Host}:{uri.Port}";

    public HostGate Of(Uri uri) => _gates.GetOrAdd(NameOf(uri), host => new HostGate(host, options.Value.MaxRequestsPerHost, time));

    /// <summary>Hosts that would not be asked now.</summary>
    public string[] Closed() => [.. _gates.Where(g => g.Value.IsClosed).Select(g => g.Key)];
}
