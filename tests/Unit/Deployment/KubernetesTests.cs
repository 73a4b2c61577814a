using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Unit.Docs;
using k8s.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>The manifests of infra/kubernetes: each resource is one of its kind, and holds what we promise of it.</summary>
public sealed class KubernetesTests
{
    private static readonly Dictionary<string, Type> Models = typeof(V1Deployment).Assembly.GetTypes()
        .Select(t => (Type: t, Kind: t.GetCustomAttribute<k8s.Models.KubernetesEntityAttribute>()))
        .Where(t => t.Kind is not null)
        .ToDictionary(t => $"{(t.Kind!.Group.Length > 0 ? t.Kind.Group + "/" : "")}{t.Kind.ApiVersion} {t.Kind.Kind}", t => t.Type);

    private static readonly Dictionary<string, string[]> Required = new()
    {
        ["V1DeploymentSpec"] = ["Selector", "Template"], ["V1JobSpec"] = ["Template"], ["V1CronJobSpec"] = ["JobTemplate", "Schedule"],
        ["V1PodSpec"] = ["Containers"], ["V1Container"] = ["Name", "Image"], ["V1EnvVar"] = ["Name"],
        ["V1VolumeMount"] = ["Name", "MountPath"], ["V1Volume"] = ["Name"], ["V1HTTPGetAction"] = ["Port"],
        ["V1KeyToPath"] = ["Key", "Path"], ["V1SecretKeySelector"] = ["Key"], ["V1NetworkPolicySpec"] = ["PodSelector"],
        ["V1LabelSelectorRequirement"] = ["Key", "OperatorProperty"],
        ["V1IPBlock"] = ["Cidr"], ["V1PodFailurePolicy"] = ["Rules"], ["V1PodFailurePolicyRule"] = ["Action"],
        ["V1PodFailurePolicyOnExitCodesRequirement"] = ["OperatorProperty", "Values"],
        ["V1TopologySpreadConstraint"] = ["TopologyKey", "WhenUnsatisfiable"], ["V1PersistentVolumeClaimVolumeSource"] = ["ClaimName"],
        ["V1SeccompProfile"] = ["Type"], ["V1PersistentVolumeClaimSpec"] = ["AccessModes", "Resources"],
    };

    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    public static TheoryData<string> Overlays() => ["small", "production", "gpu", "bucket"];

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Resources_OfAnOverlay_AreValidOfTheirKind(string overlay)
    {
        var resources = Build(overlay);
        Assert.True(resources.Count >= 30);
        Assert.All(resources, r => Assert.Empty(Faults(r)));
        Assert.Equal(resources.Count, resources.Select(r => (Kind(r), Name(r))).Distinct().Count());
    }

    [Theory]
    [InlineData("spec.template.spec.containers.0.imagePullPolicies", "\"Always\"")]
    [InlineData("spec.template.spec.terminationGracePeriodSeconds", "\"soon\"")]
    [InlineData("spec.selector", null)]
    [InlineData("spec.template.spec.containers.0.readinessProbe.httpGet.port", null)]
    public void Faults_DeploymentWithAFault_NameIt(string path, string? value)
    {
        var deployment = Build("small").First(r => Kind(r) == "apps/v1 Deployment");
        Set(deployment, path.Split('.'), value is null ? null : JsonNode.Parse(value));
        Assert.NotEmpty(Faults(deployment));
    }

    [Theory]
    [InlineData("keda.sh/v1alpha1 ScaledObject", "spec.minReplicas", "1")]
    [InlineData("keda.sh/v1alpha1 ScaledObject", "spec.triggers.0.metadata.value", "5")]
    [InlineData("postgresql.cnpg.io/v1 Cluster", "spec.postgresql.parameters.max_connections", "300")]
    [InlineData("rabbitmq.com/v1beta1 RabbitmqCluster", "spec.replicas", "2")]
    [InlineData("rabbitmq.com/v1beta1 Policy", "spec.definition", null)]
    public void Faults_CustomResourceWithAFault_NameIt(string kind, string path, string? value)
    {
        var resource = Build("production").First(r => Kind(r) == kind);
        Set(resource, path.Split('.'), value is null ? null : JsonNode.Parse(value));
        Assert.NotEmpty(Faults(resource));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Pods_OfOurs_HaveNoMoreRightsThanTheyNeed(string overlay)
    {
        foreach (var (name, pod) in Pods(overlay))
        {
            var security = pod["securityContext"]!;
            Assert.True((bool)security["runAsNonRoot"]! && (long)security["runAsUser"]! == 1654, name);
            Assert.Equal("RuntimeDefault", (string?)security["seccompProfile"]!["type"]);
            Assert.False((bool)pod["automountServiceAccountToken"]!, name);
            Assert.False((bool)pod["enableServiceLinks"]!, name);
            foreach (var container in Containers(pod))
            {
                var own = container["securityContext"]!;
                Assert.True((bool)own["readOnlyRootFilesystem"]! && !(bool)own["allowPrivilegeEscalation"]!, name);
                Assert.Equal(["ALL"], own["capabilities"]!["drop"]!.AsArray().Select(c => (string)c!));
                Assert.Null(own["privileged"]);
                Assert.NotNull(container["resources"]!["requests"]!["cpu"]);
                Assert.NotNull(container["resources"]!["requests"]!["memory"]);
                Assert.NotNull(container["resources"]!["limits"]!["memory"]);
                Assert.Matches(@":\d+\.\d+\.\d+$", (string)container["image"]!);
            }

            Assert.Null(pod["hostNetwork"]);
            Assert.Null(pod["hostPID"]);
            var mounted = Containers(pod).SelectMany(c => Objects(c, "volumeMounts")).Select(m => (string)m["name"]!).ToHashSet();
            Assert.Equal(
                mounted.Order(StringComparer.Ordinal),
                Objects(pod, "volumes").Select(v => (string)v["name"]!).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Deployments_OfServices_ProbeLifeApartFromReadinessAndMayBeDisrupted(string overlay)
    {
        var resources = Build(overlay);
        var deployments = resources.Where(r => Kind(r) == "apps/v1 Deployment").ToList();
        Assert.Equal(
            ["cpf-embedder", "cpf-ingest", "cpf-joiner", "cpf-matcher", "cpf-trainer"],
            deployments.Select(Name).Order(StringComparer.Ordinal));
        foreach (var deployment in deployments)
        {
            var (spec, labels) = (deployment["spec"]!, deployment["spec"]!["template"]!["metadata"]!["labels"]!.AsObject());
            var container = spec["template"]!["spec"]!["containers"]!.AsArray().Single()!;
            Assert.Equal("/health/live", (string?)container["livenessProbe"]!["httpGet"]!["path"]);
            Assert.Equal("/health/live", (string?)container["startupProbe"]!["httpGet"]!["path"]);
            Assert.Equal("/health/ready", (string?)container["readinessProbe"]!["httpGet"]!["path"]);
            Assert.True((long)spec["template"]!["spec"]!["terminationGracePeriodSeconds"]! > 30);
            Assert.Equal("Recreate", (string?)spec["strategy"]!["type"]);
            Assert.True(Selects(spec["selector"]!, labels), Name(deployment));
            Assert.Single(resources, r => Kind(r) == "policy/v1 PodDisruptionBudget" && Selects(r["spec"]!["selector"]!, labels));
        }

        foreach (var service in resources.Where(r => Kind(r) == "v1 Service"))
        {
            Assert.Single(deployments, d => service["spec"]!["selector"]!.AsObject()
                .All(s => JsonNode.DeepEquals(d["spec"]!["template"]!["metadata"]!["labels"]![s.Key], s.Value)));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void NetworkPolicies_OfEveryPod_CloseBothWaysFirst(string overlay)
    {
        var nothing = Build(overlay).Single(r => Name(r) == "cpf-nothing");
        Assert.Equal(["Ingress", "Egress"], nothing["spec"]!["policyTypes"]!.AsArray().Select(t => (string)t!));
        Assert.Null(nothing["spec"]!["ingress"]);
        Assert.Null(nothing["spec"]!["egress"]);
        foreach (var resource in Build(overlay).Where(r => Kind(r) is "apps/v1 Deployment" or "batch/v1 Job" or "batch/v1 CronJob"))
        {
            var template = (resource["spec"]!["jobTemplate"] ?? resource)["spec"]!["template"]!;
            Assert.True(Selects(nothing["spec"]!["podSelector"]!, template["metadata"]!["labels"]!.AsObject()), Name(resource));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public void Secrets_OfAnOverlay_AreReferredToOnly(string overlay)
    {
        var resources = Build(overlay);
        Assert.DoesNotContain(resources, r => (string)r["kind"]! == "Secret");
        var variables = Pods(overlay).SelectMany(p => Containers(p.Pod)).SelectMany(c => Objects(c, "env")).ToList();
        Assert.DoesNotContain(variables, v => ((string?)v["value"])?.Contains("assword", StringComparison.Ordinal) == true);
        var named = variables.Select(v => (string)v["name"]!)
            .Concat(resources.Where(r => Name(r) == "cpf-settings").SelectMany(r => r["data"]!.AsObject().Select(d => d.Key)));
        Assert.Empty(SettingNames.Unknown(named));
    }

    [Theory]
    [InlineData("production")]
    [InlineData("gpu")]
    [InlineData("bucket")]
    public void Scalers_OfServices_AskOverHttpForQueuesThatAreThere(string overlay)
    {
        var resources = Build(overlay);
        var queues = Topology.Bindings.Select(b => b.Queue).ToHashSet();
        var scalers = resources.Where(r => (string)r["kind"]! == "ScaledObject").ToList();
        Assert.Equal(["cpf-embedder", "cpf-ingest", "cpf-joiner", "cpf-matcher"], scalers.Select(Name).Order(StringComparer.Ordinal));
        foreach (var scaler in scalers)
        {
            Assert.Contains(
                resources, r => Kind(r) == "apps/v1 Deployment" && Name(r) == (string)scaler["spec"]!["scaleTargetRef"]!["name"]!);

            // Joiners alone may be none: Matchers compute tiles as well.
            var least = Name(scaler) == "cpf-joiner" ? 0 : 2;
            Assert.InRange((long)scaler["spec"]!["minReplicaCount"]!, overlay == "gpu" ? Math.Min(least, 1) : least, least);
            Assert.True((long)scaler["spec"]!["maxReplicaCount"]! > least);
            Assert.All(Objects(scaler["spec"]!.AsObject(), "triggers"), t =>
            {
                var metadata = t["metadata"]!;
                Assert.Equal("http", (string?)metadata["protocol"]);
                Assert.StartsWith("http://cpf-rabbitmq.cpf.svc:15672/", (string)metadata["host"]!, StringComparison.Ordinal);
                Assert.Contains((string)metadata["queueName"]!, queues);
                Assert.Contains(
                    resources,
                    r => (string)r["kind"]! == "TriggerAuthentication" && Name(r) == (string)t["authenticationRef"]!["name"]!);
            });
        }
    }

    // A service that is not told of the bucket would look into its empty volume.
    [Fact]
    public void Bucket_OfTheOverlay_IsThatOfEveryServiceWithPictures()
    {
        var resources = Build("bucket");
        Assert.NotNull(resources.Single(r => Name(r) == "cpf-settings")["data"]!["Blobs__S3__Bucket"]);
        foreach (var deployment in resources.Where(r => Kind(r) == "apps/v1 Deployment"))
        {
            var pod = deployment["spec"]!["template"]!["spec"]!.AsObject();
            Assert.Equal(
                Objects(pod, "volumes").Any(v => (string)v["name"]! == "data"),
                Containers(pod).SelectMany(c => Objects(c, "env"))
                    .Any(v => (string?)v["valueFrom"]?["secretKeyRef"]?["name"] == "cpf-bucket"));
        }
    }

    [Fact]
    public void Night_OfTheCronJob_RunsTheScriptOfTheSchedulers()
    {
        var script = MarkdownPage.Read("infra/schedulers/README.md").Blocks("sh")
            .Single(b => b.StartsWith("#!/bin/sh", StringComparison.Ordinal));
        var data = (string)Build("small").Single(r => Kind(r) == "v1 ConfigMap" && Name(r) == "cpf-night")["data"]!["cpf-night"]!;
        Assert.Equal(script, data);
    }

    [Fact]
    public async Task Keys_OfTheScript_AreAskedForByAPodThatIsValidAndHoldsNoSecret()
    {
        var start = new System.Diagnostics.ProcessStartInfo(
            "bash", [Checkout.At("infra/kubernetes/keys.sh"), "registry.example/cpf/tools:0.1.0", "add", "me", "--role", "read"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["KUBECTL"] = "printf %s\\n";
        using var process = System.Diagnostics.Process.Start(start)!;
        var words = (await process.StandardOutput.ReadToEndAsync()).Split("--overrides=");
        await process.WaitForExitAsync();

        Assert.StartsWith("-n\ncpf\nrun\ncpf-keys-", words[0], StringComparison.Ordinal);
        var pod = JsonNode.Parse(words[1])!.AsObject();
        Assert.Equal(["keys", "add", "me", "--role", "read"], pod["spec"]!["containers"]![0]!["args"]!.AsArray().Select(w => (string)w!));
        Assert.Equal("cpf-postgres-app", (string?)pod["spec"]!["containers"]![0]!["env"]![0]!["valueFrom"]!["secretKeyRef"]!["name"]);
        (pod["apiVersion"], pod["kind"], pod["metadata"]) = ("v1", "Pod", new JsonObject { ["name"] = "keys" });
        Assert.Empty(Faults(pod));
    }

    [Fact]
    public void Files_OfManifests_HaveNoWordsThatReadersTakeDifferently() =>
        Assert.Empty(Checkout.Files("infra/kubernetes", "*.yaml").Concat(Checkout.Files("infra/compose", "*.yaml"))
            .SelectMany(f => YamlFile.AmbiguousWords(File.ReadAllText(Checkout.At(f))).Select(w => $"{f}: {w}")));

    private static List<JsonObject> Build(string overlay) => Kustomization.Build($"infra/kubernetes/overlays/{overlay}");

    private static IEnumerable<string> Faults(JsonObject resource)
    {
        if (!Models.TryGetValue(Kind(resource), out var model))
        {
            return JsonSchemas.Knows(Kind(resource)) ? JsonSchemas.FaultsOf(Kind(resource), resource) : [$"unknown kind {Kind(resource)}"];
        }

        try
        {
            return Missing(resource.Deserialize(model, Strict)!, Name(resource));
        }
        catch (JsonException e)
        {
            return [$"{Kind(resource)} {Name(resource)}: {e.Message}"];
        }
    }

    // The models do not say what the API's description calls required: this is it, for the types that our manifests use.
    private static IEnumerable<string> Missing(object model, string path)
    {
        foreach (var property in model.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0))
        {
            var value = property.GetValue(model);
            if (value is null or IntOrString { Value: null })
            {
                if (Required.GetValueOrDefault(model.GetType().Name)?.Contains(property.Name) == true)
                {
                    yield return $"{path}.{property.Name} is missing";
                }
            }
            else
            {
                var parts = value is System.Collections.IEnumerable list and not string ? list.Cast<object?>() : [value];
                foreach (var fault in parts.OfType<object>().Where(p => p.GetType().Namespace == typeof(V1Deployment).Namespace)
                    .SelectMany(p => Missing(p, $"{path}.{property.Name}")))
                {
                    yield return fault;
                }
            }
        }
    }

    private static IEnumerable<(string Name, JsonObject Pod)> Pods(string overlay)
    {
        foreach (var resource in Build(overlay).Where(r => Kind(r) is "apps/v1 Deployment" or "batch/v1 Job" or "batch/v1 CronJob"))
        {
            yield return (Name(resource), (resource["spec"]!["jobTemplate"] ?? resource)["spec"]!["template"]!["spec"]!.AsObject());
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject pod) => Objects(pod, "initContainers").Concat(Objects(pod, "containers"));

    private static IEnumerable<JsonObject> Objects(JsonObject fields, string name) =>
        fields[name]?.AsArray().Select(e => e!.AsObject()) ?? [];

    private static bool Selects(JsonNode selector, JsonObject labels) =>
        selector["matchLabels"]!.AsObject() is { Count: > 0 } wanted && wanted.All(w => JsonNode.DeepEquals(labels[w.Key], w.Value));

    private static void Set(JsonNode node, string[] path, JsonNode? value)
    {
        foreach (var step in path[..^1])
        {
            node = int.TryParse(step, out var index) ? node[index]! : node[step]!;
        }

        if (value is null)
        {
            node.AsObject().Remove(path[^1]);
        }
        else
        {
            node[path[^1]] = value;
        }
    }

    private static string Kind(JsonObject resource) => $"{resource["apiVersion"]} {resource["kind"]}";

    private static string Name(JsonObject resource) => (string)resource["metadata"]!["name"]!;
}
