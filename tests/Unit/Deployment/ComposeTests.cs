using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CpfPipeline.Cli.Processes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Deployment;

public sealed partial class ComposeTests
{
    private static readonly string[] Ours = ["ingest", "embedder", "matcher", "joiner", "trainer"];

    private static JsonObject File => YamlFile.Read("infra/compose/compose.yaml").Single();

    private static JsonObject Services => File["services"]!.AsObject();

    public static TheoryData<string> Files() => ["compose.yaml", "compose.gpu.yaml", "compose.s3.yaml"];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_AgainstTheSchema_HasNoFault(string name) =>
        Assert.Empty(JsonSchemas.FaultsOfCompose(YamlFile.Read($"infra/compose/{name}").Single()));

    [Theory]
    [InlineData("restart", "5")]
    [InlineData("imagee", "\"x\"")]
    [InlineData("healthcheck", "{\"interval\": 5}")]
    [InlineData("cap_drop", "\"ALL\"")]
    public void File_WithAFault_IsRefusedByTheSchema(string field, string value)
    {
        var file = File;
        file["services"]!["ingest"]![field] = JsonNode.Parse(value);
        Assert.NotEmpty(JsonSchemas.FaultsOfCompose(file));
    }

    [Fact]
    public void Images_OfOthers_ArePinnedByVersion() =>
        Assert.All(Services.Where(s => !Ours.Contains(s.Key) && s.Key is not ("migrate" or "tools")), s =>
            Assert.Matches(@":v?\d+\.\d+\.\d+(-\w+)?$", (string)s.Value!["image"]!));

    [Fact]
    public void Services_All_AreReadOnlyWithoutRights() =>
        Assert.All(Services, s =>
        {
            Assert.True((bool)s.Value!["read_only"]!, s.Key);
            Assert.Equal(["ALL"], Texts(s.Value["cap_drop"]));
            Assert.Equal(["no-new-privileges:true"], Texts(s.Value["security_opt"]));
            Assert.True(s.Value["cap_add"] is null || s.Key == "postgres", s.Key);
            Assert.Null(s.Value["privileged"]);
            Assert.DoesNotContain(Texts(s.Value["volumes"]), v => v.Contains("docker.sock", StringComparison.Ordinal));
        });

    [Fact]
    public void Start_OfServices_WaitsForMigrationAndServers()
    {
        Assert.All(Ours, name => Assert.Equal(
            ("service_completed_successfully", "service_healthy"),
            ((string?)Services[name]!["depends_on"]!["migrate"]!["condition"],
                (string?)Services[name]!["depends_on"]!["rabbitmq"]!["condition"])));
        Assert.Equal("service_healthy", (string?)Services["migrate"]!["depends_on"]!["postgres"]!["condition"]);
        Assert.Equal(["migrate"], Texts(Services["migrate"]!["command"]));
        Assert.Equal("no", (string?)Services["migrate"]!["restart"]);
        Assert.All(["postgres", "rabbitmq"], name => Assert.NotNull(Services[name]!["healthcheck"]!["test"]));
    }

    [Fact]
    public void Ports_Published_AreThoseOfThisMachineAlone() =>
        Assert.All(Services.SelectMany(s => Texts(s.Value!["ports"])), p => Assert.StartsWith("127.0.0.1:", p, StringComparison.Ordinal));

    [Fact]
    public void Networks_OfServersEmbedderAndJoiner_ReachNothingOutside()
    {
        Assert.True((bool)File["networks"]!["inside"]!["internal"]!);
        Assert.All(
            ["postgres", "rabbitmq", "migrate", "embedder", "joiner"],
            name => Assert.Equal(["inside"], Texts(Services[name]!["networks"])));
    }

    [Fact]
    public void Names_InTheFile_AreDeclared()
    {
        Assert.Empty(Services.SelectMany(s => Texts(s.Value!["secrets"])).Except(File["secrets"]!.AsObject().Select(s => s.Key)));
        Assert.Empty(Services.SelectMany(s => Texts(s.Value!["volumes"])).Select(v => v.Split(':')[0]).Where(v => Word().IsMatch(v))
            .Except(File["volumes"]!.AsObject().Select(v => v.Key)));
        Assert.Empty(Services.SelectMany(s => Texts(s.Value!["networks"])).Except(File["networks"]!.AsObject().Select(n => n.Key)));
        Assert.Empty(Services.SelectMany(s => s.Value!["depends_on"]?.AsObject().Select(d => d.Key) ?? [])
            .Except(Services.Select(s => s.Key)));
        Assert.Empty(Ours.Append("tools").Except(Dockerfile.OfServices.Stages.Keys));
    }

    [Fact]
    public void Variables_OfOurServices_AreKnownAndNoSecrets()
    {
        var variables = Ours.Append("migrate").SelectMany(n => Services[n]!["environment"]!.AsObject()).ToList();
        Assert.Empty(SettingNames.Unknown(variables.Select(v => v.Key)));
        Assert.DoesNotContain(variables, v => v.Value!.ToString().Contains("assword=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("compose.gpu.yaml")]
    [InlineData("compose.s3.yaml")]
    public void Variants_OfTheFile_ChangeServicesThatAreThere(string name)
    {
        var variant = YamlFile.Read($"infra/compose/{name}").Single();
        var services = variant["services"]!.AsObject();
        Assert.Empty(services.Select(s => s.Key).Except(Ours));
        Assert.Empty(SettingNames.Unknown(services.SelectMany(s => s.Value!["environment"]?.AsObject().Select(v => v.Key) ?? [])));
        Assert.Empty(services.SelectMany(s => Texts(s.Value!["secrets"])).Except(variant["secrets"]?.AsObject().Select(s => s.Key) ?? []));
        Assert.Empty(services.SelectMany(s => Texts(s.Value!["networks"])).Except(File["networks"]!.AsObject().Select(n => n.Key)));
    }

    // All that read or write pictures; a service that was forgotten would look into an empty folder.
    [Fact]
    public void Bucket_OfTheVariant_IsThatOfEveryServiceWithTheVolume() =>
        Assert.Equal(
            Services.Where(s => Texts(s.Value!["volumes"]).Contains("data:/data")).Select(s => s.Key).Order(StringComparer.Ordinal),
            YamlFile.Read("infra/compose/compose.s3.yaml").Single()["services"]!.AsObject()
                .Where(s => s.Value!["environment"]!["Blobs__S3__Bucket"] is not null).Select(s => s.Key).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Secrets_MadeTwice_AreThoseOfTheFileAndStay()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("cpf-secrets-").FullName, "secrets");
        await MakeAsync(folder);
        var first = Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f), System.IO.File.ReadAllText);
        await MakeAsync(folder);
        Assert.Equal(first, Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f), System.IO.File.ReadAllText));
        Assert.Equal(
            File["secrets"]!.AsObject().Select(s => Path.GetFileName((string)s.Value!["file"]!)).Order(StringComparer.Ordinal),
            first.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(folder).UnixFileMode);

        // The broker takes the password that the services have, and the same policy as a private broker.
        var uri = new Uri(first["ConnectionStrings__RabbitMq"]);
        var password = uri.UserInfo.Split(':')[1];
        Assert.Equal(40, password.Length);
        var definitions = JsonNode.Parse(first["rabbitmq_definitions.json"])!;
        var hash = Convert.FromBase64String((string)definitions["users"]![0]!["password_hash"]!);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData([.. hash[..4], .. Encoding.UTF8.GetBytes(password)]), hash[4..]);
        var own = JsonNode.Parse(RabbitMqFiles.Definitions("cpf", "x", "cpf"))!;
        Assert.True(JsonNode.DeepEquals(own["policies"], definitions["policies"]), definitions["policies"]!.ToJsonString());
        Assert.True(JsonNode.DeepEquals(own["permissions"], definitions["permissions"]));
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    private static async Task MakeAsync(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Checkout.At("infra/compose/make-secrets.sh"), folder])
        {
            RedirectStandardOutput = true,
        })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static IEnumerable<string> Texts(JsonNode? list) => list?.AsArray().Select(e => (string)e!) ?? [];

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex Word();
}
