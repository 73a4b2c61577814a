using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;

namespace CpfPipeline.Hosting.Access;

/// <summary>Believes what named proxies say of who asked them, and nobody else.</summary>
internal static class TrustedProxies
{
    /// <summary>Does nothing when there are none.</summary>
    /// <param name="app">The service.</param>
    /// <param name="proxies">Addresses and networks.</param>
    public static void Use(IApplicationBuilder app, IEnumerable<string> proxies)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear(); // The framework trusts loopback.
        options.KnownIPNetworks.Clear();
        foreach (var proxy in proxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
            {
                options.KnownProxies.Add(address);
            }
            else
            {
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
        }

        // An empty list would mean everybody.
        if (options.KnownProxies.Count + options.KnownIPNetworks.Count > 0)
        {
            app.UseForwardedHeaders(options);
        }
    }
}
