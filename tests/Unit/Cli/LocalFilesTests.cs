using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Suites;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli;

public sealed class LocalFilesTests
{
    [Theory]
    [InlineData("12 (dotnet) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 37446 274112 1", 37446L)]
    [InlineData("12 (a (b) c) S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 37446 274112 1", 37446L)]
    [InlineData("12 (dotnet) Z 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 37446 0 0", null)]
    [InlineData("12 (dotnet) S 1", null)]
    public void ParseStartTicks_StatLine_ReadsField22OfLiveProcesses(string stat, long? expected)
    {
        Assert.Equal(expected, ProcessTable.ParseStartTicks(stat));
    }

    [Fact]
    public void PasswordHash_Password_IsSaltedSha256AsRabbitMqChecksIt()
    {
        var bytes = Convert.FromBase64String(RabbitMqFiles.PasswordHash("secret"));

        Assert.Equal(36, bytes.Length);
        Assert.Equal(SHA256.HashData([.. bytes[..4], .. Encoding.UTF8.GetBytes("secret")]), bytes[4..]);
    }

    [Fact]
    public void Definitions_VirtualHost_BoundRedeliveryAndHaveNoGuest()
    {
        using var definitions = JsonDocument.Parse(RabbitMqFiles.Definitions("cpf", "secret", "v"));

        var user = Assert.Single(definitions.RootElement.GetProperty("users").EnumerateArray());
        Assert.Equal("cpf", user.GetProperty("name").GetString());
        var policy = Assert.Single(definitions.RootElement.GetProperty("policies").EnumerateArray());
        Assert.Equal("v", policy.GetProperty("vhost").GetString());
        Assert.Equal(5, policy.GetProperty("definition").GetProperty("delivery-limit").GetInt32());
        Assert.Equal("cpf.dead-letter", policy.GetProperty("definition").GetProperty("dead-letter-exchange").GetString());
    }

    [Fact]
    public void Settings_FolderWithQuote_StaysOneShellWord()
    {
        var ports = new Dictionary<string, int> { [Component.RabbitMq] = 1, [Component.RabbitMqDistribution] = 2, [Component.Epmd] = 3 };

        var settings = RabbitMqFiles.Settings("/it's/rabbitmq", "/it's", "abc", ports);

        Assert.Contains("export HOME='/it'\\''s/rabbitmq/home'\n", settings, StringComparison.Ordinal);
        Assert.Contains("export ERL_EPMD_PORT='3'\n", settings, StringComparison.Ordinal);
    }

    [Fact]
    public void ParseCtrf_Summary_CountsWhatEndedOtherwiseAsFailed()
    {
        var totals = TestTotals.ParseCtrf("""{"results":{"summary":{"tests":9,"passed":4,"failed":2,"pending":1,"skipped":1,"other":1}}}""");

        Assert.Equal(new TestTotals(4, 3, 2), totals);
        Assert.Equal("4 passed, 3 failed, 2 skipped", totals!.ToString());
        Assert.Null(TestTotals.ParseCtrf("{}"));
        Assert.Null(TestTotals.ParseCtrf("cut o"));
    }

    [Fact]
    public void ToString_NothingSkipped_HasTwoNumbers()
    {
        Assert.Equal("5 passed, 0 failed", (new TestTotals(2, 0, 0) + new TestTotals(3, 0, 0)).ToString());
    }

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
    public void Settle_PortThatWasTaken_IsChosenAnew()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var taken = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        var ports = new Dictionary<string, int> { ["a"] = taken };

        Assert.True(Ports.Settle(ports, ["a"]));
        Assert.NotEqual(taken, ports["a"]);
    }
}
