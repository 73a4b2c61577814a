using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace CpfPipeline.Cli.Installations;

/// <summary>Chooses ports on the loopback address.</summary>
internal static class Ports
{
    // Linux takes the local ports of outgoing connections from 32768 on. A port there could be taken by such a connection while its server
    // is down.
    private const int First = 20000;
    private const int End = 32000;

    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A free port that is not among <paramref name="taken"/>.</summary>
    public static int Choose(ICollection<int> taken)
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, End);
            if (!taken.Contains(port) && IsFree(port))
            {
                return port;
            }
        }

        throw CommandException.Infrastructure($"no free port between {First} and {End}");
    }

    /// <summary>Keeps the ports of <paramref name="components"/> that are still free and chooses new ones for the others.</summary>
    /// <returns>Whether any changed.</returns>
    public static bool Settle(Dictionary<string, int> ports, IEnumerable<string> components)
    {
        var changed = false;
        foreach (var component in components)
        {
            if (!ports.TryGetValue(component, out var port) || !IsFree(port))
            {
                ports[component] = Choose(ports.Values);
                changed = true;
            }
        }

        return changed;
    }
}
