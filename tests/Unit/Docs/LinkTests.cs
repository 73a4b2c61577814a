using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>What the pages point to is there.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] TopFolders = ["Ingest", "Embedder", "Matcher", "Trainer", "Contracts", "tests", "infra"];

    public static TheoryData<string> Pages() => [.. MarkdownPage.Paths];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_Resolve(string path)
    {
        var page = MarkdownPage.Read(path);
        Assert.All(page.Links, link => Assert.True(Resolves(page, link), link));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Paths_NamedFromTheRoot_AreThere(string path) =>
        Assert.All(MarkdownPage.Read(path).InlineCode.Where(code => PathFromRoot().IsMatch(code)), code => Assert.True(Exists(code), code));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Folders_InATableOfFolders_AreThere(string path) =>
        Assert.All(FoldersOf(path), folder => Assert.True(Directory.Exists(Checkout.At(folder)), folder));

    [Theory]
    [InlineData("Contracts/README.md", "Contracts")]
    [InlineData("Ingest/README.md", "Ingest")]
    [InlineData("Matcher/README.md", "Matcher")]
    [InlineData("infra/Cli/README.md", "infra/Cli")]
    public void Folders_BelowAProject_AreEachInTheTable(string path, string root)
    {
        var folders = Checkout.Files(root, "*.*").Where(f => Path.GetExtension(f) is ".cs" or ".sql" or ".proto")
            .Select(f => Path.GetDirectoryName(f)!.Replace('\\', '/')).Distinct().Where(folder => folder != root);
        Assert.Equal(folders.Order(StringComparer.Ordinal), FoldersOf(path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TopFolders_OfTheCheckout_AreEachInTheLayout() => Assert.Empty(TopFolders.Except(FoldersOf("README.md")));

    [Theory]
    [InlineData("other.md", false)]
    [InlineData("README.md", true)]
    [InlineData("README.md#layout", true)]
    [InlineData("README.md#nowhere", false)]
    [InlineData("#here", true)]
    [InlineData("#there", false)]
    public void Resolves_Link_TellsWhetherItIsThere(string link, bool expected) =>
        Assert.Equal(expected, Resolves(new MarkdownPage("# Here\n", "page.md"), link));

    private static IEnumerable<string> FoldersOf(string path) =>
        MarkdownPage.Read(path)
            .FirstCells("folder").Select(cell => Path.Combine(Path.GetDirectoryName(path)!, cell.Trim('`')).Replace('\\', '/'));

    private static bool Resolves(MarkdownPage page, string link)
    {
        var (target, anchor) = link.Split('#') is [var t, var a] ? (t, a) : (link, "");
        var path = target.Length == 0
            ? page.Path : Checkout.Relative(Path.GetFullPath(Path.Combine(Checkout.Root, Path.GetDirectoryName(page.Path)!, target)));
        return target.Length == 0 || Exists(path)
            ? anchor.Length == 0 || (target.Length == 0 ? page : MarkdownPage.Read(path)).Anchors.Contains(anchor)
            : false;
    }

    private static bool Exists(string path) => Path.Exists(Checkout.At(path));

    [GeneratedRegex(@"^(?:Ingest|Embedder|Matcher|Trainer|Contracts|tests|infra)(?:/[\w.-]+)*/?$")]
    private static partial Regex PathFromRoot();
}
