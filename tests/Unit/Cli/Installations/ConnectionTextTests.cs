using CpfPipeline.Cli;
using CpfPipeline.Cli.Installations;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Installations;

public sealed class ConnectionTextTests
{
    [Fact]
    public void Postgres_Uri_KeepsEveryPart()
    {
        var read = new NpgsqlConnectionStringBuilder(
            ConnectionText.Postgres("postgres://me:p%40ss%3A%2F@db.example:6432/my%20data?sslmode=verify-full&application_name=x"));

        Assert.Equal("db.example", read.Host);
        Assert.Equal(6432, read.Port);
        Assert.Equal("me", read.Username);
        Assert.Equal("p@ss:/", read.Password);
        Assert.Equal("my data", read.Database);
        Assert.Equal(SslMode.VerifyFull, read.SslMode);
        Assert.Equal("x", read.ApplicationName);
    }

    [Fact]
    public void Postgres_NamesOfLibpq_AreUnderstood()
    {
        var read = new NpgsqlConnectionStringBuilder(ConnectionText.Postgres(
            "postgres://me@db.example/x?sslrootcert=%2Fca.pem&sslcert=c.pem&sslkey=k.pem&connect_timeout=7&target_session_attrs=primary"));

        Assert.Equal("/ca.pem", read.RootCertificate);
        Assert.Equal("c.pem", read.SslCertificate);
        Assert.Equal("k.pem", read.SslKey);
        Assert.Equal(7, read.Timeout);
        Assert.Equal("primary", read.TargetSessionAttributes);
    }

    [Fact]
    public void Postgres_UriWithoutPort_UsesTheUsualOne()
    {
        Assert.Equal(5432, new NpgsqlConnectionStringBuilder(ConnectionText.Postgres("postgresql://me@localhost/x")).Port);
    }

    [Fact]
    public void Postgres_KeyValueText_IsKept()
    {
        Assert.Equal("localhost", new NpgsqlConnectionStringBuilder(ConnectionText.Postgres("Host=localhost;Username=me")).Host);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("Username=me")]
    [InlineData("postgres://")]
    [InlineData("postgres://me@localhost/x?nonsense=1")]
    [InlineData("postgres://me@localhost/x?sslmode=sometimes")]
    public void Postgres_OtherText_EndsWithUsage(string text)
    {
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => ConnectionText.Postgres(text)).ExitCode);
    }

    [Theory]
    [InlineData("amqp://u:p@host:5673/v", true)]
    [InlineData("amqps://u:p@host/v", true)]
    [InlineData("host:5672", false)]
    [InlineData("http://host", false)]
    public void RabbitMq_Text_MustBeAnAmqpUri(string text, bool valid)
    {
        if (valid)
        {
            Assert.Equal(text, ConnectionText.RabbitMq(text));
        }
        else
        {
            Assert.Throws<CommandException>(() => ConnectionText.RabbitMq(text));
        }
    }
}
