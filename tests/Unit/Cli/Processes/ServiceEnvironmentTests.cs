using System.Collections;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Processes;

public sealed class ServiceEnvironmentTests
{
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

    private static Dictionary<string, string?> Of(Hashtable given) => Of(given, Service.All[0]);

    private static Dictionary<string, string?> Of(Hashtable given, Service service)
    {
        var state = new InstallationState { Each = 2 };
        foreach (var name in Service.Of(state).Select(s => s.Key).Append(Component.Postgres).Append(Component.RabbitMq))
        {
            state.Ports[name] = state.Ports.Count + 1;
        }

        return ServiceProcesses.EnvironmentOf(new Installation("/checkout", "/home", state), service, given).ToDictionary();
    }
}
