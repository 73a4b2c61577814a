using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CpfPipeline.Ingest.Guard;

namespace CpfPipeline.Tests.Integration.Ingest.Attacks;

/// <summary>A network that nothing leaves: names are those of a table, and every connection ends at one server of the test.</summary>
/// <param name="names">The addresses of each answer, by name; the last answer is given for ever.</param>
/// <param name="port">The server's port on the loopback address.</param>
internal sealed class ClosedNetwork(IReadOnlyDictionary<string, IReadOnlyList<IPAddress[]>> names, Func<int> port) : INetwork
{
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly SystemNetwork _system = new();

    /// <summary>How often each name was looked up.</summary>
    public IReadOnlyDictionary<string, int> Asked => _asked;

    /// <summary>Where connections were meant to go.</summary>
    public ConcurrentQueue<IPEndPoint> Dialled { get; } = [];

    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        var times = _asked.AddOrUpdate(name, 1, (_, n) => n + 1);
        return names.TryGetValue(name, out var answers)
            ? Task.FromResult(answers[Math.Min(times, answers.Count) - 1])
            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
    }

    public ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        Dialled.Enqueue(endPoint);
        return _system.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port()), cancellationToken);
    }
}
