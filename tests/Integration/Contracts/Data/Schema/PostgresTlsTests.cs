using System.Net;
using System.Net.Sockets;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Schema;
using CpfPipeline.Tests.Integration.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Schema;

public sealed class PostgresTlsTests(TestDatabases databases)
{
    [Theory]
    [InlineData(ServerProof.Good, true)]
    [InlineData(ServerProof.OtherName, false)]
    [InlineData(ServerProof.Expired, false)]
    [InlineData(ServerProof.UnknownAuthority, false)]
    public async Task Open_ServerMustProveWhoItIs_OnlyTheRightOneIsToldAPassword(ServerProof proof, bool believed)
    {
        await using var database = await databases.CreateAsync();
        using var authority = new TestAuthority();
        var real = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var front = new TlsFront(authority.Issue("localhost", proof), token => ConnectAsync(real, token), onRequest: true);
        var user = $"{Uri.EscapeDataString(real.Username!)}:{Uri.EscapeDataString(real.Password ?? "")}";
        var uri = $"postgres://{user}@localhost:{front.Port}/{real.Database}"
            + $"?sslmode=verify-full&sslrootcert={Uri.EscapeDataString(authority.File)}";
        await using var source = PostgresDataSource.Create(
            new NpgsqlConnectionStringBuilder(ConnectionText.Postgres(uri)) { Pooling = false }.ConnectionString, "cpf-test");

        if (believed)
        {
            await using var command = source.CreateCommand("select count(*) from cpf.images");
            Assert.Equal(0L, await command.ExecuteScalarAsync());
            Assert.Equal(1, front.Believed);
        }
        else
        {
            await Assert.ThrowsAsync<NpgsqlException>(async () => await source.OpenConnectionAsync());
            Assert.Equal(0, front.Believed);
        }
    }

    private static async Task<Stream> ConnectAsync(NpgsqlConnectionStringBuilder real, CancellationToken cancellationToken)
    {
        var isLocal = real.Host!.StartsWith('/');
        var socket = isLocal
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(
            isLocal ? new UnixDomainSocketEndPoint($"{real.Host}/.s.PGSQL.{real.Port}") : new DnsEndPoint(real.Host, real.Port),
            cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
