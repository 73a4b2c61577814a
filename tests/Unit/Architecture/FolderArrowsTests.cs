using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>Inside a project: no circle between folders, no folder uses the one above it, and a file's namespace is its folder.</summary>
public sealed class FolderArrowsTests
{
    // What a project's own folder may hold for every folder of it: settings, metrics, log messages, and how the program ends.
    private static readonly string[] ForAllSuffixes =
        ["Options", "Metrics", "Log", "ExitCode", "Exception", "Telemetry", "Identity", "Checkout", "BenchContext"];

    private static readonly ConcurrentDictionary<string, FolderArrows> Known = new();

    public static TheoryData<string> Projects() =>
        [.. Checkout.Files("", "*.csproj").Select(path => Path.GetDirectoryName(path)!.Replace('\\', '/')).Append("tests/Oracle")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_HaveNoCircle(string project) => Assert.Empty(ArrowsOf(project).Circles());

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_DoNotUseTheFolderAbove(string project) => Assert.Empty(UpwardOf(project));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespace_OfAFile_IsItsFolder(string project)
    {
        var root = RootNamespaceOf(project);
        Assert.Empty(
            Sources(project).Where(s => NamespacesIn(s.Value).Any(n => n != Expected(root, s.Key))).Select(s => $"{project}/{s.Key}"));
    }

    [Fact]
    public void Circles_TwoFoldersUseEachOther_NamesBothUses()
    {
        var arrows = Of(
            ("A/One.cs", "class One { Two two; }"), ("B/Two.cs", "class Two { One one; }"), ("C/Three.cs", "class Three { One one; }"));
        Assert.Equal(["A/One.cs uses Two of B", "B/Two.cs uses One of A"], arrows.Circles().Select(a => a.ToString()));
    }

    [Fact]
    public void Circles_OverThreeFolders_AreFound() =>
        Assert.Equal(3, Of(("A/One.cs", "class One : Two;"), ("B/Two.cs", "class Two : Three;"), ("C/Three.cs", "class Three : One;"))
            .Circles().Count);

    [Theory]
    [InlineData("class Two;")]
    [InlineData("class Two { /* One */ }  // One\n/// <see cref=\"One\"/>\nclass Other;")]
    [InlineData("class Two { string s = \"One\" + \"\"\"One\"\"\"; }")]
    [InlineData("class Two { object o = new Two { One = 3 }; int One() => this.One; }")]
    [InlineData("class Two { int F(Two two) => two.One + G(One: 3) + (two?.One ?? 0); }")]
    [InlineData("using P.One; namespace P.One; class Two;")]
    public void Circles_NameThatIsNoUseOfTheType_IsNone(string two) =>
        Assert.Empty(Of(("A/One.cs", "class One { Two two; }"), ("B/Two.cs", two)).Circles());

    [Theory]
    [InlineData("class Two { One one; }")]
    [InlineData("class Two { string s = $\"{One.Name}\"; }")]
    [InlineData("class Two { object o = A.One.Make(); }")]
    [InlineData("class Two { A.One? one; }")]
    [InlineData("class Two { List<One[]> ones; }")]
    [InlineData("class Two { bool F(object o) => o is One { } or null; }")]
    [InlineData("class Two { string s = nameof(One); }")]
    [InlineData("[One] class Two;")]
    public void Circles_UseOfTheType_IsFound(string two) =>
        Assert.NotEmpty(Of(("A/One.cs", "class One { Two two; }"), ("B/Two.cs", two)).Circles());

    [Fact]
    public void Circles_NameDefinedInTwoFolders_IsIgnored() =>
        Assert.Empty(
            Of(("A/One.cs", "class One { Two two; }"), ("B/Two.cs", "class Two { One one; }"), ("C/One.cs", "class One;")).Circles());

    [Fact]
    public void Upward_SubfolderUsesTheFolderAbove_IsFound()
    {
        var arrows = Of(("A/One.cs", "class One { Two two; }"), ("A/B/Two.cs", "class Two { One one; }"), ("A/B/Three.cs", "class Three;"));
        Assert.Equal(["A/B/Two.cs uses One of A"], arrows.Upward(IsForAll).Select(a => a.ToString()));
    }

    [Fact]
    public void Upward_UseOfTheProjectsOwnFolder_OnlyOfWhatIsForAll()
    {
        var arrows = Of(
            ("XOptions.cs", "class XOptions;"), ("XService.cs", "class XService;"), ("A/One.cs", "class One { XOptions o; XService s; }"));
        Assert.Equal(["A/One.cs uses XService of ."], arrows.Upward(IsForAll).Select(a => a.ToString()));
    }

    private static IEnumerable<string> UpwardOf(string project) =>
        ArrowsOf(project).Upward(IsForAll).Select(a => $"{project}: {a.From} uses {a.TypeName}").Distinct();

    private static bool IsForAll(string type) => ForAllSuffixes.Any(s => type.EndsWith(s, StringComparison.Ordinal));

    private static FolderArrows Of(params (string Path, string Text)[] files) => new(files.ToDictionary(f => f.Path, f => f.Text));

    // Several tests ask for the same project, and parsing one takes a second.
    private static FolderArrows ArrowsOf(string project) => Known.GetOrAdd(project, p => new FolderArrows(Sources(p)));

    /// <summary>The project's files by path below it, without those of a project inside its folder.</summary>
    private static Dictionary<string, string> Sources(string project)
    {
        var inside = Projects().Select(p => p.Data).Where(p => p.StartsWith(project + "/", StringComparison.Ordinal)).ToList();
        return Checkout.Files(project, "*.cs").Where(f => !inside.Any(p => f.StartsWith(p + "/", StringComparison.Ordinal)))
            .ToDictionary(f => f[(project.Length + 1)..], f => File.ReadAllText(Checkout.At(f)));
    }

    private static string RootNamespaceOf(string project)
    {
        var file = Checkout.Files(project, "*.csproj").FirstOrDefault(f => Path.GetDirectoryName(f)!.Replace('\\', '/') == project);
        var name = file is null ? project.Split('/')[^1] : Path.GetFileNameWithoutExtension(file);
        var given = file is null ? "CpfPipeline.Tests.$(MSBuildProjectName)"
            : XDocument.Load(Checkout.At(file)).Descendants("RootNamespace").FirstOrDefault()?.Value;
        return (given ?? "CpfPipeline.$(MSBuildProjectName)").Replace("$(MSBuildProjectName)", name, StringComparison.Ordinal);
    }

    private static string Expected(string root, string path) =>
        path.LastIndexOf('/') is var i && i < 0 ? root : $"{root}.{path[..i].Replace('/', '.')}";

    private static IEnumerable<string> NamespacesIn(string text) =>
        CSharpSyntaxTree.ParseText(text)
            .GetRoot().DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Select(n => n.Name.ToString());
}
