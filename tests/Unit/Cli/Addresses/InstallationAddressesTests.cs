using System.Text.Json;
using CpfPipeline.Cli.Addresses;
using CpfPipeline.Cli.Installations;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Addresses;

public sealed class InstallationAddressesTests
{
    private static readonly Installation Installed = new("/checkout", "/checkout/.cpf", new InstallationState
    {
        Ports = new Dictionary<string, int>
        {
            ["matcher"] = 20001, ["ingest"] = 20002, [Component.Postgres] = 20003, [Component.RabbitMq] = 20004,
        },
        LocalKey = "cpf_0123456789ab_secret",
    });

    [Fact]
    public void Of_AnInstallation_TellsEveryAddressWithItsSecrets()
    {
        var addresses = InstallationAddresses.Of(Installed).ToDictionary(a => a.Key, a => a.Value);

        Assert.Equal("http://127.0.0.1:20001/gallery", addresses["gallery"]);
        Assert.Equal("http://127.0.0.1:20002/", addresses["http Ingest"]);
        Assert.DoesNotContain("http Trainer", addresses.Keys); // It was never started.
        Assert.Equal($"Authorization: Bearer {Installed.State.LocalKey}", addresses["http header"]);
        Assert.Equal($"amqp://cpf:{Installed.State.RabbitMqPassword}@127.0.0.1:20004/cpf", addresses["amqp"]);
        Assert.Equal($"postgres://cpf_reader:{Installed.State.ReaderPassword}@127.0.0.1:20003/cpf", addresses["sql cpf_reader"]);
        Assert.Contains($"Password={Installed.State.ServicePassword}", addresses["sql cpf_service"], StringComparison.Ordinal);
    }

    [Fact]
    public void ToJson_AnInstallation_HasTheSame()
    {
        using var json = JsonDocument.Parse(InstallationAddresses.ToJson(Installed));

        Assert.Equal("http://127.0.0.1:20001/gallery", json.RootElement.GetProperty("gallery").GetString());
        Assert.StartsWith("postgres://", json.RootElement.GetProperty("sql_cpf_reader").GetString(), StringComparison.Ordinal);
    }

    // No other test depends on these variables. Whoever hands an address on to readers must not hand on the owner's.
    [Fact]
    public void PostgresService_OnAServerOfTheUsers_IsTheLoginGivenForTheServices()
    {
        try
        {
            Environment.SetEnvironmentVariable("CPF_POSTGRES_SERVICE", "postgres://service@db.example/cpf");
            Assert.Contains("Username=cpf_service", Installed.PostgresService, StringComparison.Ordinal);

            Environment.SetEnvironmentVariable("CPF_POSTGRES", "postgres://owner@db.example/cpf");
            Assert.Contains("Username=service", Installed.PostgresService, StringComparison.Ordinal);
            Assert.Contains("Username=owner", Installed.PostgresOwner, StringComparison.Ordinal);
            Assert.Equal(["sql cpf_service"], InstallationAddresses.Of(Installed).Select(a => a.Key).Where(IsSql));

            Environment.SetEnvironmentVariable("CPF_POSTGRES_SERVICE", null);
            Assert.Contains("Username=owner", Installed.PostgresService, StringComparison.Ordinal);
            Assert.DoesNotContain(InstallationAddresses.Of(Installed), a => IsSql(a.Key));
        }
        finally
        {
            Environment.SetEnvironmentVariable("CPF_POSTGRES", null);
            Environment.SetEnvironmentVariable("CPF_POSTGRES_SERVICE", null);
        }
    }

    private static bool IsSql(string name) => name.StartsWith("sql", StringComparison.Ordinal);
}
