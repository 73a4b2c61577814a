using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// The gates of all hosts that this process has asked: one for each source, so that the broken images of one seller do not hold up those of
/// another at the same host.
/// </summary>
internal sealed class HostGates(IOptions<IngestOptions> options, TimeProvider time)
{
    /// <summary>
    /// Stands for a source: pictures that people compare with the catalogue. No source has an empty name. Pauses that hosts ask for then
    /// hold up no source.
    /// </summary>
    public const string Probes = "";

    /// <summary>Gates of probes that are kept; beyond that, those that nothing goes through are let go. People name any host.</summary>
    internal const int MaxProbeGates = 1_000;

    private readonly ConcurrentDictionary<(string Host, bool OfProbes), HostPause> _pauses = new();
    private readonly ConcurrentDictionary<(string Host, string Source), HostGate> _gates = new();

    /// <summary>The name that stands for a host here: its name, in lower case, and port.</summary>
    public static string NameOf(Uri uri) => $"{uri.Host}:{uri.Port}";

    /// <summary>Gates that are kept.</summary>
    internal int Count => _gates.Count;

    public HostGate Of(Uri uri, string source)
    {
        var gate = _gates.GetOrAdd((NameOf(uri), source), key => new HostGate(
            key.Host, options.Value.MaxRequestsPerHost, time,
            _pauses.GetOrAdd((key.Host, key.Source == Probes), _ => new HostPause())));
        if (source == Probes && _pauses.Keys.Count(p => p.OfProbes) > MaxProbeGates)
        {
            LetGo();
        }

        return gate;
    }

    /// <summary>Hosts that would not be asked for images of a source now.</summary>
    public IReadOnlyList<(string Host, string Source)> Closed() => [.. _gates.Where(g => g.Value.IsClosed).Select(g => g.Key)];

    private void LetGo()
    {
        foreach (var (key, gate) in _gates.Where(g => g.Key.Source == Probes && g.Value.IsIdle))
        {
            _gates.TryRemove(KeyValuePair.Create(key, gate));
            _pauses.TryRemove((key.Host, true), out _);
        }
    }
}
