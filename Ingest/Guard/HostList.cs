using System.Net.Sockets;

namespace CpfPipeline.Ingest.Guard;

/// <summary>Hosts by name: <c>shop.example</c>, or <c>*.shop.example</c> for every name below it, but not itself.</summary>
internal sealed class HostList
{
    private const string Below = "*.";
    private readonly HashSet<string> _exact;
    private readonly string[] _suffixes;

    /// <param name="patterns">As in a setting; those that <see cref="TryNormalise"/> does not know are left out.</param>
    public HostList(IEnumerable<string> patterns)
    {
        var known = patterns.Select(TryNormalise).OfType<string>().ToArray();
        _exact = [.. known.Where(p => !p.StartsWith(Below, StringComparison.Ordinal))];
        _suffixes = [.. known.Where(p => p.StartsWith(Below, StringComparison.Ordinal)).Select(p => p[1..])];
    }

    /// <summary>Whether it lists no host at all.</summary>
    public bool IsEmpty => _exact.Count == 0 && _suffixes.Length == 0;

    /// <summary>Whether it lists a host.</summary>
    /// <param name="host">As <see cref="HostName.Of"/> gives it.</param>
    public bool Contains(string host) => _exact.Contains(host) || _suffixes.Any(s => host.EndsWith(s, StringComparison.Ordinal));

    /// <summary>The pattern in the form in which hosts are compared; null when it is neither a host nor <c>*.</c> and one.</summary>
    public static string? TryNormalise(string pattern)
    {
        var isBelow = pattern.StartsWith(Below, StringComparison.Ordinal);
        var host = isBelow ? pattern[Below.Length..] : pattern;
        var address = HostName.FindAddress(host);
        var text = address?.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : host;
        if ((isBelow && address is not null)
            || (address is null && host.AsSpan().ContainsAny("/:@?#*\\% "))
            || !Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var uri)
            || uri.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            return null;
        }

        try
        {
            return (isBelow ? Below : "") + HostName.Of(uri);
        }
        catch (UriFormatException)
        {
            return null;
        }
    }
}
