using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>Our reading of the overlays is kustomize's.</summary>
public sealed class KustomizationTests
{
    [Theory]
    [InlineData("small")]
    [InlineData("production")]
    [InlineData("gpu")]
    [InlineData("bucket")]
    public async Task Build_Overlay_IsWhatKustomizeMakes(string overlay)
    {
        var folder = $"infra/kubernetes/overlays/{overlay}";
        var start = new ProcessStartInfo("kubectl", ["kustomize", Checkout.At(folder)]) { RedirectStandardOutput = true };
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(p => File.Exists(Path.Combine(p, "kubectl"))),
            "there is no kubectl");
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(Sorted(YamlFile.Parse(text)), Sorted(Kustomization.Build(folder)));
    }

    private static List<string> Sorted(IEnumerable<JsonObject> resources) =>
        [.. resources.Select(r => Sort(r)!.ToJsonString()).Order(StringComparer.Ordinal)];

    // Kustomize sorts fields, and puts added entries of a list first.
    private static JsonNode? Sort(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(
            fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => KeyValuePair.Create(f.Key, Sort(f.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sort).OrderBy(e => e?.ToJsonString(), StringComparer.Ordinal)]),
        _ => node?.DeepClone(),
    };
}
