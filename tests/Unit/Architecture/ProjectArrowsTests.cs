using System.Xml.Linq;
using Xunit;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>Which project may refer to which, and to which packages: the design's arrows, read from the project files.</summary>
public sealed class ProjectArrowsTests
{
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["Contracts/Vocabulary"] = [],
        ["Contracts/Messages"] = ["Contracts/Vocabulary"],
        ["Contracts/Matching"] = [],
        ["Contracts/Labels"] = [],
        ["Contracts/Data"] = ["Contracts/Vocabulary"],
        ["Contracts/Vision"] = ["Contracts/Vocabulary"],
        ["Contracts/Decoder"] = ["Contracts/Vision"],
        ["Contracts/Hosting"] = ["Contracts/Messages", "Contracts/Data"],
        ["Ingest"] = ["Contracts/Messages", "Contracts/Hosting", "Contracts/Data", "Contracts/Labels"],
        ["Embedder"] = ["Contracts/Messages", "Contracts/Hosting", "Contracts/Data", "Contracts/Vision", "Contracts/Decoder"],
        ["Matcher"] = ["Contracts/Messages", "Contracts/Hosting", "Contracts/Data", "Contracts/Matching"],
        ["Matcher/Joiner"] = ["Contracts/Hosting", "Contracts/Matching", "Contracts/Vision", "Matcher"],
        ["Trainer/Learning"] = ["Contracts/Vision", "Contracts/Matching", "Contracts/Labels"],
        ["Trainer/Nights"] = ["Contracts/Messages", "Contracts/Data", "Trainer/Learning"],
        ["Trainer"] =
        [
            "Contracts/Messages", "Contracts/Hosting", "Contracts/Data", "Contracts/Vision", "Contracts/Decoder", "Contracts/Matching",
            "Trainer/Learning", "Trainer/Nights", "infra/CommandLine",
        ],
        ["infra/CommandLine"] = [],
        ["infra/Cli"] = ["Contracts/Messages", "Contracts/Data", "Contracts/Matching", "infra/CommandLine"],
    };

    private static readonly Dictionary<string, string[]> AllowedPackages = new()
    {
        ["Contracts/Vocabulary"] = [],
        ["Contracts/Messages"] = [],
        ["Contracts/Matching"] = ["System.Numerics.Tensors"],
        ["Contracts/Data"] = ["AWSSDK.S3", "Npgsql", "Pgvector"],
        ["Contracts/Labels"] = ["CsvHelper"],
        ["Trainer/Learning"] = ["TorchSharp", "libtorch-cpu-linux-x64", "libtorch-cuda-12.8-linux-x64"],
        ["Trainer/Nights"] = [],
        ["infra/CommandLine"] = ["Spectre.Console.Cli"],
        ["Contracts/Decoder"] = [],
        ["Contracts/Vision"] =
        [
            "NetVips", "NetVips.Native.linux-x64", "Google.Protobuf", "Grpc.Tools", "Microsoft.ML.OnnxRuntime.Gpu.Linux",
        ],
    };

    public static TheoryData<string> Projects()
    {
        var data = new TheoryData<string>();
        foreach (var project in ProductProjects())
        {
            data.Add(project);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_EveryProject_FollowTheArrows(string project)
    {
        Assert.True(AllowedReferences.ContainsKey(project), $"{project} is not a project of the design");
        var folder = Path.Combine(Checkout.Root, project);
        var references = Items(project, "ProjectReference")
            .Select(path => Path.GetRelativePath(Checkout.Root, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, path)))!)
                .Replace('\\', '/'));
        Assert.Empty(references.Except(AllowedReferences[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void PackageReferences_ContractsProjects_OnlyTheNamedOnes(string project)
    {
        if (AllowedPackages.TryGetValue(project, out var allowed))
        {
            Assert.Empty(Items(project, "PackageReference").Except(allowed));
        }
    }

    [Fact]
    public void Projects_Design_AllExist() =>
        Assert.Equal(AllowedReferences.Keys.Order(StringComparer.Ordinal), ProductProjects().Order(StringComparer.Ordinal));

    [Fact]
    public void TopLevel_Checkout_HoldsOnlyWhatTheCustomerFixed()
    {
        string[] fixedNames =
        [
            "Ingest", "Embedder", "Matcher", "Trainer", "Contracts", "tests", "infra", "CpfPipeline.sln", "README.md", "LICENSE", "NOTICE",
            "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "BannedSymbols.txt",
        ];
        var names = Directory.EnumerateFileSystemEntries(Checkout.Root)
            .Select(path => Path.GetFileName(path)!).Where(name => !name.StartsWith('.'));
        Assert.Empty(names.Except(fixedNames));
    }

    [Fact]
    public void PackageSources_Repository_NoneNamed()
    {
        var files = Directory.EnumerateFiles(Checkout.Root, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!);
        Assert.DoesNotContain(files, name => name.Equals("nuget.config", StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> ProductProjects() =>
        Directory.EnumerateFiles(Checkout.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Checkout.Root, Path.GetDirectoryName(path)!).Replace('\\', '/'))
            .Where(folder => !folder.StartsWith("tests/", StringComparison.Ordinal) && !folder.StartsWith('.'));

    private static List<string> Items(string project, string element) =>
        [.. Directory.EnumerateFiles(Path.Combine(Checkout.Root, project), "*.csproj")
            .SelectMany(path => XDocument.Load(path).Descendants(element))
            .Select(item => ((string)item.Attribute("Include")!).Replace('\\', '/'))];
}
