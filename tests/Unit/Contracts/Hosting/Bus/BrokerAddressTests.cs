using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Bus;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Bus;

public sealed class BrokerAddressTests
{
    [Fact]
    public void Read_Amqps_ExpectsTheNameOfTheHost()
    {
        var address = BrokerAddress.Read("amqps://u:p@broker.test:5671/v?heartbeat=10");

        Assert.Equal("broker.test", address.Tls!.ServerName);
        Assert.Equal("?heartbeat=10", address.Uri.Query);
        Assert.Null(address.Tls.Own);
    }

    [Fact]
    public void Read_NameOfItsOwn_IsExpectedInTheCertificate() =>
        Assert.Equal("other", BrokerAddress.Read("amqps://u:p@10.0.0.1/v?server_name_indication=other").Tls!.ServerName);

    [Fact]
    public void Read_Amqp_HasNoCertificate() => Assert.Null(BrokerAddress.Read("amqp://u:p@broker.test/v").Tls);

    [Theory]
    [InlineData("broker.test:5672")]
    [InlineData("http://u:secret@broker.test/v")]
    [InlineData("amqp://u:secret@broker.test/v?cacertfile=/ca.pem")]
    [InlineData("amqps://u:secret@broker.test/v?cacertfile=/no/such/file.pem")]
    [InlineData("amqps://u:secret@broker.test/v?certfile=/no/such/file.pem")]
    public void Read_WhatCannotBeUsed_SaysSoWithoutThePassword(string text)
    {
        var error = Assert.Throws<SettingException>(() => BrokerAddress.Read(text));
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }
}
