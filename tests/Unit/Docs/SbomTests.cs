using System.Text.Json.Nodes;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The SBOM and the list of licences name what the lock files hold, and nothing else.</summary>
public sealed class SbomTests
{
    // Permissive, or used unmodified as separate libraries (LGPL), or used by tests or on its own (MPL).
    private static readonly string[] Allowed =
    [
        "Apache-2.0", "BSD-3-Clause", "LGPL-2.1-or-later", "LGPL-3.0-or-later", "MIT", "MPL-2.0", "MS-PL", "PostgreSQL",
    ];

    private static readonly JsonNode Sbom = JsonNode.Parse(File.ReadAllText(Checkout.At("infra/sbom/sbom.json")))!;

    private static IEnumerable<JsonNode> Components => Sbom["components"]!.AsArray().Select(c => c!);

    [Fact]
    public void Sbom_Packages_AreThoseOfTheLockFiles() => Assert.Equal(
        Locked().Select(p => p.Name).Distinct().Order(StringComparer.Ordinal),
        Components.Where(c => c["purl"] is not null).Select(NameOf).Order(StringComparer.Ordinal));

    [Fact]
    public void Sbom_ScopeOfAPackage_SaysWhetherTheProductUsesIt()
    {
        var product = Locked().Where(p => !p.File.StartsWith("tests/", StringComparison.Ordinal)).Select(p => p.Name).ToHashSet();
        var packages = Components.Where(c => c["purl"] is not null);
        Assert.Empty(packages.Where(c => (string?)c["scope"] == "required" != product.Contains(NameOf(c))).Select(NameOf));
    }

    [Fact]
    public void Sbom_EveryComponent_HasALicenceThatIsAllowed() =>
        Assert.Empty(Components.Where(c => LicencesOf(c) is not { Count: > 0 } all || all.Except(Allowed).Any()).Select(NameOf));

    [Fact]
    public void Sbom_NativeParts_AreNamed() => Assert.Superset(
        new HashSet<string> { "libvips", "libtorch", "ONNX Runtime", "PostgreSQL", "pgvector", "RabbitMQ" },
        Components.Where(c => c["purl"] is null).Select(c => (string)c["name"]!).ToHashSet());

    [Fact]
    public void Licences_Lines_AreThoseOfTheSbom() => Assert.Equal(
        Components.Select(c =>
            $"| {c["name"]} | {c["version"] ?? "the system's or the package's"} | {string.Join(", ", LicencesOf(c))} | "
                + ((string?)c["scope"] == "required" ? "the product |" : "tests |")),
        File.ReadLines(Checkout.At("infra/sbom/LICENSES.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1));

    private static string NameOf(JsonNode component) => $"{component["name"]} {component["version"]}";

    private static List<string> LicencesOf(JsonNode component) =>
        [.. component["licenses"]?.AsArray().Select(l => (string?)l!["license"]?["id"] ?? (string?)l["expression"] ?? "?") ?? []];

    private static IEnumerable<(string File, string Name)> Locked() =>
        from file in Checkout.Files("", "packages.lock.json")
        from framework in JsonNode.Parse(File.ReadAllText(Checkout.At(file)))!["dependencies"]!.AsObject()
        from package in framework.Value!.AsObject()
        where (string?)package.Value!["type"] != "Project"
        select (file, $"{package.Key} {package.Value["resolved"]}");
}
