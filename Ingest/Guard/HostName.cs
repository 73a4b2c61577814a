using System.Buffers;
using System.Net;

namespace CpfPipeline.Ingest.Guard;

/// <summary>The host of a URI, in the one form in which hosts are compared.</summary>
internal static class HostName
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>
    /// In ASCII and lower case, without the dot at its end; an address in its usual spelling, without brackets and zone, and an IPv4
    /// address also where an IPv6 address maps it.
    /// </summary>
    /// <exception cref="UriFormatException">The host cannot be written in ASCII.</exception>
    public static string Of(Uri uri)
    {
        var host = uri.IdnHost.ToLowerInvariant();
        host = host.EndsWith('.') ? host[..^1] : host;
        return FindAddress(host) is not { } address ? host
            : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
    }

    /// <summary>The address that a host is, or null when it is a name. Zone, brackets and a dot at the end are left out.</summary>
    public static IPAddress? FindAddress(string host)
    {
        var bare = host.Trim('[', ']').TrimEnd('.');
        var zone = bare.IndexOf('%', StringComparison.Ordinal);
        return IPAddress.TryParse(zone < 0 ? bare : bare[..zone], out var address) ? address : null;
    }

    /// <summary>
    /// Whether the host ends in a number but is no address. Programs differ in what they take it for, so that no resolver is asked
    /// (WHATWG URL, 3.5: the ends-in-a-number checker).
    /// </summary>
    public static bool IsMisspelledAddress(string host)
    {
        var last = host.TrimEnd('.');
        last = last[(last.LastIndexOf('.') + 1)..];
        var isNumber = last.Length > 0 && (last.All(char.IsAsciiDigit)
            || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last.AsSpan(2).IndexOfAnyExcept(HexDigits) < 0));
        return isNumber && FindAddress(host) is null;
    }
}
