using System.Net;
using System.Net.Sockets;

namespace CpfPipeline.Ingest.Guard;

/// <summary>A prefix below which a translator (NAT64) of the network reaches IPv4 addresses (RFC 6052).</summary>
internal sealed class Nat64Prefix
{
    private const int ReservedByte = 8;
    private static readonly int[] Lengths = [32, 40, 48, 56, 64, 96];
    private readonly IPNetwork _network;

    private Nat64Prefix(IPNetwork network) => _network = network;

    /// <summary>The prefix, as in <c>64:ff9b::/96</c>; null when it has another form or length than RFC 6052, 2.2 allows.</summary>
    public static Nat64Prefix? TryParse(string text) =>
        IPNetwork.TryParse(text, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6
            && Lengths.Contains(network.PrefixLength) && network.BaseAddress.GetAddressBytes()[ReservedByte] == 0
            ? new Nat64Prefix(network)
            : null;

    /// <summary>Whether the address lies below the prefix.</summary>
    public bool Contains(IPAddress address) => _network.Contains(address);

    /// <summary>The IPv4 address that one below the prefix carries; null when its reserved bits (64 to 71) are not zero.</summary>
    public IPAddress? Unwrap(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        var carried = Enumerable.Range(_network.PrefixLength / 8, 5).Where(i => i != ReservedByte).Take(4).Select(i => bytes[i]);
        return bytes[ReservedByte] == 0 ? new IPAddress([.. carried]) : null;
    }
}
