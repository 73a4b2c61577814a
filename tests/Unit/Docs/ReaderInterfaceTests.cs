using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The views and functions that pages name are those that data teams have.</summary>
public sealed partial class ReaderInterfaceTests
{
    private const string Cookbook = "infra/sql/README.md";

    private static readonly HashSet<string> Interface =
        [.. Declared().Matches(File.ReadAllText(Checkout.At("tests/Integration/Sql/reader-interface.txt"))).Select(m => m.Groups[1].Value)];

    [Theory]
    [InlineData("README.md")]
    [InlineData(Cookbook)]
    public void ViewsAndFunctions_OfAPage_Exist(string path)
    {
        var page = MarkdownPage.Read(path);
        var named = page.Blocks("sql").SelectMany(b => InSql().Matches(b))
            .Concat(page.InlineCode.SelectMany(c => InCode().Matches(c))).Select(m => m.Groups[1].Value);
        Assert.Empty(named.Distinct().Except(Interface));
    }

    [Fact]
    public void ViewsAndFunctions_OfTheInterface_AreEachInTheTable() =>
        Assert.Empty(Interface.Except(MarkdownPage.Read(Cookbook)
            .FirstCells("view or function").SelectMany(c => InTable().Matches(c)).Select(m => m.Groups[1].Value)));

    [GeneratedRegex(@"^(?:view|function|table) cpf\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\bcpf\.(\w+)")]
    private static partial Regex InSql();

    [GeneratedRegex(@"^cpf\.([a-z_]+)(?:\(|$)")]
    private static partial Regex InCode();

    [GeneratedRegex(@"`cpf\.(\w+)")]
    private static partial Regex InTable();
}
