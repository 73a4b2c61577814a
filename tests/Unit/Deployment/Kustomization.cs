using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>
/// What kustomize makes of a folder, as far as infra/kubernetes uses it: resources, components, strategic merge patches, images, a
/// namespace. Another field fails. <c>KustomizationTests</c> compares it with kustomize itself, where there is one.
/// </summary>
internal static class Kustomization
{
    private static readonly string[] Known = ["apiVersion", "kind", "namespace", "resources", "components", "patches", "images"];

    // Lists whose entries strategic merge patches match by a key; all others are replaced. Custom resources have none.
    private static readonly Dictionary<string, string> MergeKeys = new()
    {
        ["containers"] = "name", ["initContainers"] = "name", ["env"] = "name", ["volumes"] = "name", ["volumeMounts"] = "mountPath",
        ["ports"] = "containerPort", ["topologySpreadConstraints"] = "topologyKey",
    };

    private static readonly string[] Native = ["v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1"];

    /// <summary>The resources of an overlay.</summary>
    /// <param name="folder">Relative to the checkout.</param>
    public static List<JsonObject> Build(string folder)
    {
        var resources = new List<JsonObject>();
        Apply(folder, resources);
        return resources;
    }

    private static void Apply(string folder, List<JsonObject> resources)
    {
        var file = YamlFile.Read($"{folder}/kustomization.yaml").Single();
        if (file.Select(f => f.Key).Except(Known).FirstOrDefault() is { } unknown)
        {
            throw new NotSupportedException($"{folder}/kustomization.yaml: {unknown}");
        }

        foreach (var resource in Texts(file, "resources"))
        {
            var path = Resolve(folder, resource);
            if (Directory.Exists(Checkout.At(path)))
            {
                resources.AddRange(Build(path));
            }
            else
            {
                resources.AddRange(YamlFile.Read(path));
            }
        }

        foreach (var component in Texts(file, "components"))
        {
            Apply(Resolve(folder, component), resources);
        }

        foreach (var patch in Objects(file, "patches"))
        {
            Patch(resources, YamlFile.Read(Resolve(folder, (string)patch["path"]!)).Single(), patch["target"]?.AsObject());
        }

        foreach (var resource in resources)
        {
            if ((string?)file["namespace"] is { } name && (string)resource["kind"]! != "Namespace")
            {
                resource["metadata"]!["namespace"] = name;
            }

            Rename(resource, [.. Objects(file, "images")]);
        }
    }

    private static void Patch(List<JsonObject> resources, JsonObject patch, JsonObject? target)
    {
        var kind = (string)(target ?? patch)["kind"]!;
        var hit = resources.Where(r => (string)r["kind"]! == kind
            && IsMeant((string)r["metadata"]!["name"]!, patch, target)).ToList();
        if (hit.Count == 0)
        {
            throw new InvalidOperationException($"the patch for {kind} hits nothing");
        }

        foreach (var resource in hit)
        {
            var name = (string)resource["metadata"]!["name"]!;
            Merge(resource, patch, Native.Contains((string)resource["apiVersion"]!));
            resource["metadata"]!["name"] = name;
        }
    }

    // The name of a target is a pattern for whole names.
    private static bool IsMeant(string name, JsonObject patch, JsonObject? target) =>
        target is null ? name == (string)patch["metadata"]!["name"]!
        : (string?)target["name"] is not { } pattern || Regex.IsMatch(name, $@"\A(?:{pattern})\z");

    private static void Merge(JsonObject target, JsonObject patch, bool byKeys)
    {
        foreach (var (name, value) in patch)
        {
            if (value is JsonObject part && target[name] is JsonObject own)
            {
                Merge(own, part, byKeys);
            }
            else if (byKeys && value is JsonArray entries && target[name] is JsonArray list && MergeKeys.TryGetValue(name, out var key))
            {
                foreach (var entry in entries.Select(e => e!.AsObject()))
                {
                    if (list.FirstOrDefault(e => Same(e![key], entry[key])) is JsonObject known)
                    {
                        Merge(known, entry, byKeys);
                    }
                    else
                    {
                        list.Add(entry.DeepClone());
                    }
                }
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    private static void Rename(JsonNode? node, List<JsonObject> images)
    {
        if (node is JsonArray list)
        {
            foreach (var entry in list)
            {
                Rename(entry, images);
            }
        }
        else if (node is JsonObject fields)
        {
            foreach (var (_, value) in fields.Where(f => f.Key is not ("containers" or "initContainers")).ToList())
            {
                Rename(value, images);
            }

            foreach (var container in new[] { "containers", "initContainers" }.SelectMany(n => Objects(fields, n)))
            {
                var image = (string)container["image"]!;
                if (images.FirstOrDefault(i => (string)i["name"]! == image.Split(':')[0]) is { } renamed)
                {
                    container["image"] = $"{renamed["newName"]}:{renamed["newTag"]}";
                }
            }
        }
    }

    private static bool Same(JsonNode? a, JsonNode? b) => JsonNode.DeepEquals(a, b);

    private static string Resolve(string folder, string path) =>
        Checkout.Relative(Path.GetFullPath(Path.Combine(Checkout.At(folder), path)));

    private static IEnumerable<string> Texts(JsonObject fields, string name) => fields[name]?.AsArray().Select(e => (string)e!) ?? [];

    private static IEnumerable<JsonObject> Objects(JsonObject fields, string name) =>
        fields[name]?.AsArray().Select(e => e!.AsObject()) ?? [];
}
