using CpfPipeline.Cli.Installations;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Installations;

public sealed class PortsTests
{
    [Fact]
    public void Settle_PortsThatAreFree_AreKept()
    {
        var ports = new Dictionary<string, int>();
        Assert.True(Ports.Settle(ports, ["a", "b"]));
        var first = new Dictionary<string, int>(ports);

        Assert.False(Ports.Settle(ports, ["a", "b"]));
        Assert.Equal(first, ports);
        Assert.NotEqual(ports["a"], ports["b"]);
    }

    [Fact]
    public void Settle_PortThatWasTaken_IsReplaced()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var taken = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        var ports = new Dictionary<string, int> { ["a"] = taken };

        Assert.True(Ports.Settle(ports, ["a"]));
        Assert.NotEqual(taken, ports["a"]);
    }
}
