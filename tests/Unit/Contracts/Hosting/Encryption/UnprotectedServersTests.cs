using CpfPipeline.Hosting.Bus;
using CpfPipeline.Hosting.Encryption;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Encryption;

public sealed class UnprotectedServersTests
{
    [Theory]
    [InlineData("Host=127.0.0.1", "amqp://localhost/v", "http://127.0.0.1:5001")]
    [InlineData("Host=/run/postgresql", "amqp://127.0.0.1/v", "http://localhost:5001;https://*:5002")]
    [InlineData("Host=db.test;SSL Mode=VerifyFull", "amqps://broker.test/v", "https://0.0.0.0:5001")]
    [InlineData("Host=a.test:5432,b.test:5433;SSL Mode=VerifyCA", "amqp://[::1]/v", "http://[::1]:5001")]
    public void Of_ProtectedOrWithinTheMachine_IsSilent(string postgres, string broker, string urls) =>
        Assert.Empty(UnprotectedServers.Of(postgres, BrokerAddress.Read(broker), urls));

    [Theory]
    [InlineData("http://objects.test:9000/", "objects.test")]
    [InlineData("https://objects.test:9000/", null)]
    [InlineData("http://127.0.0.1:9000", null)]
    [InlineData("", null)]
    public void Of_StoreOfTheBlobs_IsNamedWhenItsBytesCanBeRead(string bucket, string? named) => Assert.Equal(
        named is null ? [] : [$"the store of the blobs at {named} is reached without encryption: use https://"],
        UnprotectedServers.Of("Host=localhost", BrokerAddress.Read("amqp://localhost/v"), "", bucket));

    [Theory]
    [InlineData("Host=db.test", "amqp://localhost/v", "", "db.test")]
    [InlineData("Host=127.0.0.1,db.test:5433;SSL Mode=Require", "amqp://localhost/v", "", "db.test:5433")]
    [InlineData("Host=localhost", "amqp://broker.test/v", "", "broker.test")]
    [InlineData("Host=localhost", "amqp://localhost/v", "http://127.0.0.1:1;http://*:80", "http://*:80")]
    [InlineData("Host=localhost", "amqp://localhost/v", "http://0.0.0.0:80", "http://0.0.0.0:80")]
    public void Of_OpenToSomebodyInBetween_NamesIt(string postgres, string broker, string urls, string named) =>
        Assert.Contains(named, Assert.Single(UnprotectedServers.Of(postgres, BrokerAddress.Read(broker), urls)), StringComparison.Ordinal);
}
