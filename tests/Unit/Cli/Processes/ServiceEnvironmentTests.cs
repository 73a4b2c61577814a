using System.Collections;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Processes;

public sealed class ServiceEnvironmentTests
{
    private static readonly Installation Installed = Install();

    [Fact]
    public void EnvironmentOf_TombstoneKeyFileOfTheUser_IsRespected()
    {
        var given = Of(new Hashtable { ["Ingest__TombstoneKeyFile"] = "/keys/mine" });

        Assert.Equal("/keys/mine", given["Ingest__TombstoneKeyFile"]);
        Assert.Equal("/home/tombstone.key", Of([])["Ingest__TombstoneKeyFile"]);
    }

    [Fact]
    public void EnvironmentOf_BucketAndCredentials_ReachTheServices()
    {
        var given = Of(new Hashtable { ["Blobs__S3__Bucket"] = "pictures", ["AWS_PROFILE"] = "shop", ["OTHER"] = "x" });

        Assert.Equal(("pictures", "shop"), (given["Blobs__S3__Bucket"], given["AWS_PROFILE"]));
        Assert.False(given.ContainsKey("OTHER"));
        Assert.Equal("/home/tombstone.key", given["Ingest__TombstoneKeyFile"]);
    }

    [Fact]
    public void EnvironmentOf_TwoProcessesOfAService_DifferInTheirNameAndAddress()
    {
        var (first, second) = (Of([], new Service("Matcher")), Of([], new Service("Matcher", 2)));

        Assert.Equal(("matcher", "matcher-2"), (first[ProcessTable.ComponentMarker], second[ProcessTable.ComponentMarker]));
        Assert.Equal(
            ["CPF_COMPONENT", "Urls"], first.Where(v => second[v.Key] != v.Value).Select(v => v.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("CPF_POSTGRES")]
    [InlineData("CPF_POSTGRES_FILE")]
    [InlineData("CPF_RABBITMQ")]
    [InlineData("ConnectionStrings__Other")]
    [InlineData("Secrets__Folder")]
    [InlineData("ASPNETCORE_URLS")]
    public void WholeEnvironmentOf_WhatIsNotForServices_IsTakenAway(string name)
    {
        const string Limit = "Kestrel__Limits__MaxConcurrentConnections";
        var given = new Hashtable { [name] = "x", ["PATH"] = "/bin", [Limit] = "9" };

        var whole = ServiceProcesses.WholeEnvironmentOf(Installed, Service.All[0], given).ToDictionary();

        Assert.Null(Assert.Contains(name, whole));
        Assert.False(whole.ContainsKey("PATH"));
        Assert.Equal("9", whole[Limit]);
    }

    private static Dictionary<string, string?> Of(Hashtable given) => Of(given, Service.All[0]);

    private static Dictionary<string, string?> Of(Hashtable given, Service service) =>
        ServiceProcesses.EnvironmentOf(Installed, service, given).ToDictionary();

    private static Installation Install()
    {
        var state = new InstallationState { Each = 2 };
        foreach (var name in Service.Of(state).Select(s => s.Key).Append(Component.Postgres).Append(Component.RabbitMq))
        {
            state.Ports[name] = state.Ports.Count + 1;
        }

        return new Installation("/checkout", "/home", state);
    }
}
