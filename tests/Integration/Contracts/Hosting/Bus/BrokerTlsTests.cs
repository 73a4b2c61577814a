using System.Net.Sockets;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Integration.Fixtures;
using MassTransit;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Bus;

public sealed class BrokerTlsTests(TestBroker broker)
{
    [Theory]
    [InlineData(ServerProof.Good, true)]
    [InlineData(ServerProof.OtherName, false)]
    [InlineData(ServerProof.Expired, false)]
    [InlineData(ServerProof.UnknownAuthority, false)]
    public async Task Connect_ServerMustProveWhoItIs_OnlyTheRightOneIsToldAPassword(ServerProof proof, bool believed)
    {
        var real = await broker.CreateHostAsync();
        using var authority = new TestAuthority();
        await using var front = new TlsFront(authority.Issue("localhost", proof), token => ConnectAsync(real, token), onRequest: false);
        var address = AddressOf(real, front, authority);

        if (believed)
        {
            await using var connection = await address.Factory("test").CreateConnectionAsync();
            Assert.True(connection.IsOpen);
        }
        else
        {
            await Assert.ThrowsAsync<BrokerUnreachableException>(() => address.Factory("test").CreateConnectionAsync());
        }

        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(address.Configure);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(believed ? 30 : 1));
        if (believed)
        {
            await bus.StartAsync(patience.Token);
            await bus.StopAsync(patience.Token);
        }
        else
        {
            await Assert.ThrowsAnyAsync<Exception>(() => bus.StartAsync(patience.Token));
        }

        Assert.Equal(believed, front.Believed > 0);
    }

    private static BrokerAddress AddressOf(Uri real, TlsFront front, TestAuthority authority) => BrokerAddress.Read(new UriBuilder(real)
    {
        Scheme = "amqps", Host = "localhost", Port = front.Port, Query = $"cacertfile={Uri.EscapeDataString(authority.File)}",
    }.Uri.ToString());

    private static async Task<Stream> ConnectAsync(Uri real, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(real.Host, real.Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
