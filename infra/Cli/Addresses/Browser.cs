using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Addresses;

/// <summary>The user's browser.</summary>
internal static class Browser
{
    private const string Opener = "xdg-open";
    private static readonly string[] Displays = ["DISPLAY", "WAYLAND_DISPLAY"];

    /// <summary>
    /// Opens an address where there is a display. Everybody on the machine can read the words of a command line, and the address signs in:
    /// the browser is given a file that leads there, which only its owner can read.
    /// </summary>
    /// <param name="address">The address.</param>
    /// <param name="file">The file to write.</param>
    /// <returns>false: there is none, or nothing that opens addresses.</returns>
    public static bool TryOpen(Uri address, string file)
    {
        if (!Displays.Any(d => Environment.GetEnvironmentVariable(d) is { Length: > 0 }))
        {
            return false;
        }

        Installation.WritePrivate(file, Page(address));
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(Opener, [file]) { RedirectStandardError = true, RedirectStandardOutput = true });
            return process is not null;
        }
        catch (Win32Exception)
        {
            return false; // It is not installed.
        }
    }

    internal static string Page(Uri address) =>
        $"""
        <!DOCTYPE html>
        <meta charset="utf-8">
        <meta name="referrer" content="no-referrer">
        <meta http-equiv="refresh" content="0; url={WebUtility.HtmlEncode(address.AbsoluteUri)}">
        <title>CpfPipeline</title>
        <p><a href="{WebUtility.HtmlEncode(address.AbsoluteUri)}">Sign in</a></p>
        """;
}
