using System.Globalization;

namespace CpfPipeline.Cli.Installations;

/// <summary>
/// Who listens on a port of this machine. A service's port is free while the service is down, and another user could take it to be sent
/// the key.
/// </summary>
internal static class Listener
{
    private const string Listening = "0A";
    private const int StateColumn = 3;
    private const int UserColumn = 7;

    /// <exception cref="CommandException">Another user's program listens there.</exception>
    public static void ThrowUnlessOurs(int port)
    {
        if (OperatingSystem.IsLinux() && FindForeign(Tables(), port, User()) is { } user)
        {
            throw CommandException.Infrastructure(
                $"port {port} belongs to a program of another user (number {user}), which must not be sent the key: infra/cpf up starts "
                + "the service on another port");
        }
    }

    /// <summary>The user that listens on a port and is another one.</summary>
    /// <param name="lines">Lines of <c>/proc/net/tcp</c>.</param>
    /// <param name="port">The port.</param>
    /// <param name="user">Number of our own user.</param>
    internal static string? FindForeign(IEnumerable<string> lines, int port, string user) =>
        lines.Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length > UserColumn && f[StateColumn] == Listening
                && int.TryParse(f[1].Split(':')[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var own) && own == port)
            .Select(f => f[UserColumn]).FirstOrDefault(u => u != user);

    private static IEnumerable<string> Tables() =>
        new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(File.ReadLines);

    // Real, effective, saved and file system's.
    private static string User() => File.ReadLines("/proc/self/status").First(l => l.StartsWith("Uid:", StringComparison.Ordinal))
        .Split('\t', StringSplitOptions.RemoveEmptyEntries)[2];
}
