using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Processes;

public sealed class RabbitMqFilesTests
{
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
    public void ShellEnvironment_FolderWithQuote_StaysOneShellWord()
    {
        var ports = new Dictionary<string, int> { [Component.RabbitMq] = 1, [Component.RabbitMqDistribution] = 2, [Component.Epmd] = 3 };

        var settings = RabbitMqFiles.ShellEnvironment("/it's/rabbitmq", "/it's", "abc", ports);

        Assert.Contains("export HOME='/it'\\''s/rabbitmq/home'\n", settings, StringComparison.Ordinal);
        Assert.Contains("export ERL_EPMD_PORT='3'\n", settings, StringComparison.Ordinal);
    }
}
