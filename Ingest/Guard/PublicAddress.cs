using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Ingest.Guard;

/// <summary>Which addresses belong to the public internet (IANA special-purpose registries).</summary>
internal static class PublicAddress
{
    // The last three networks are anycast sinks and relays, and the platform's own address on Azure: nothing there shows pictures.
    private static readonly IPNetwork[] Special4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "168.63.129.16/32",
        }.Select(IPNetwork.Parse),
    ];

    // Public IPv6 addresses lie in 2000::/3. Tunnels in it carry IPv4 addresses of any kind.
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] Special6 = [
        .. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>
    /// False for private, loopback, link-local, unique-local, multicast, shared, documentation and tunnel addresses, and for those that
    /// carry such an IPv4 address within. An address below the prefix of a translator is judged by what it carries.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="translators">The prefixes of the network's own translators; none where IPv4 is reached without.</param>
    public static bool Is(IPAddress address, IReadOnlyList<Nat64Prefix> translators)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return Is4(address);
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || address.ScopeId != 0)
        {
            return false;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return Is4(address.MapToIPv4());
        }

        if (FindIsatap(address) is { } tunnelled && !Is4(tunnelled))
        {
            return false;
        }

        var translated = translators.Where(prefix => prefix.Contains(address)).ToArray();
        return translated.Length > 0
            ? translated.All(prefix => prefix.Unwrap(address) is { } carried && Is4(carried))
            : Global6.Contains(address) && !Special6.Any(network => network.Contains(address));
    }

    private static bool Is4(IPAddress address) => !Special4.Any(network => network.Contains(address));

    // Interface identifiers 0000:5efe and 0200:5efe, then the IPv4 address to which a host with ISATAP sends the packet (RFC 5214, 6.1).
    private static IPAddress? FindIsatap(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes is [_, _, _, _, _, _, _, _, 0 or 2, 0, 0x5E, 0xFE, ..] ? new IPAddress(bytes.AsSpan(12)) : null;
    }
}
