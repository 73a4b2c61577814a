using System.ComponentModel;
using System.Diagnostics;

namespace CpfPipeline.Cli.Addresses;

/// <summary>The user's browser.</summary>
internal static class Browser
{
    private const string Opener = "xdg-open";
    private static readonly string[] Displays = ["DISPLAY", "WAYLAND_DISPLAY"];

    /// <summary>Opens an address where there is a display.</summary>
    /// <returns>false: there is none, or nothing that opens addresses.</returns>
    public static bool TryOpen(Uri address)
    {
        if (!Displays.Any(d => Environment.GetEnvironmentVariable(d) is { Length: > 0 }))
        {
            return false;
        }

        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(Opener, [address.ToString()]) { RedirectStandardError = true, RedirectStandardOutput = true });
            return process is not null;
        }
        catch (Win32Exception)
        {
            return false; // It is not installed.
        }
    }
}
