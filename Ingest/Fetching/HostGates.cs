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

    /// <summary>Gates that are kept; beyond that, all idle ones are let go. Whoever submits can name any number of hosts.</summary>
    internal const int MaxGates = 4_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, bool OfProbes), HostPause> _pauses = [];
    private readonly Dictionary<(string Host, string Source), HostGate> _gates = [];

    /// <summary>The name that stands for a host here: its name, in lower case, and port.</summary>
    public static string NameOf(Uri uri) => $"{uri.Host}:{uri.Port}";

    /// <summary>Gates that are kept.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _gates.Count;
            }
        }
    }

    public HostGate Of(Uri uri, string source)
    {
        var key = (Host: NameOf(uri), Source: source);
        lock (_lock)
        {
            if (_gates.TryGetValue(key, out var known))
            {
                return known;
            }

            if (_gates.Count >= MaxGates)
            {
                LetGo();
            }

            if (!_pauses.TryGetValue(PauseOf(key), out var pause))
            {
                _pauses.Add(PauseOf(key), pause = new HostPause());
            }

            var gate = new HostGate(key.Host, options.Value.MaxRequestsPerHost, time, pause);
            _gates.Add(key, gate);
            return gate;
        }
    }

    /// <summary>Hosts that would not be asked for images of a source now.</summary>
    public IReadOnlyList<(string Host, string Source)> Closed()
    {
        lock (_lock)
        {
            return [.. _gates.Where(g => g.Value.IsClosed).Select(g => g.Key)];
        }
    }

    private static (string Host, bool OfProbes) PauseOf((string Host, string Source) gate) => (gate.Host, gate.Source == Probes);

    // A pause stays with the last gate that keeps it, so that all sources at a host know the same one.
    private void LetGo()
    {
        foreach (var (key, _) in _gates.Where(g => g.Value.IsIdle).ToList())
        {
            _gates.Remove(key);
        }

        var kept = _gates.Keys.Select(PauseOf).ToHashSet();
        foreach (var pause in _pauses.Keys.Where(p => !kept.Contains(p)).ToList())
        {
            _pauses.Remove(pause);
        }
    }
}
