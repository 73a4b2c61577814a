using System.Text.RegularExpressions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The dbt package names views and columns that there are, and all of them.</summary>
public sealed partial class DbtSourcesTests
{
    private static readonly Dictionary<string, string[]> Interface = View()
        .Matches(File.ReadAllText(Checkout.At("tests/Integration/Sql/reader-interface.txt")).TrimEnd() + "\n")
        .ToDictionary(m => m.Groups["view"].Value, m => Names(Column(), m.Groups["columns"].Value));

    private static string Schema => File.ReadAllText(Checkout.At("infra/dbt/models/schema.yml"));

    [Fact]
    public void Sources_EveryTable_HasTheColumnsOfItsView()
    {
        var tables = Table().Matches(Schema[..Schema.IndexOf("\nmodels:", StringComparison.Ordinal)]);

        Assert.True(tables.Count >= 7);
        foreach (Match table in tables)
        {
            Assert.Equal(Interface[table.Groups["name"].Value], Names(SourceColumn(), table.Groups["columns"].Value));
        }
    }

    [Theory]
    [InlineData("image_groups")]
    [InlineData("product_groups")]
    public void Models_SourcesTheyRead_AreDeclared(string model)
    {
        var text = File.ReadAllText(Checkout.At($"infra/dbt/models/{model}.sql"));
        var declared = Table().Matches(Schema).Select(m => m.Groups["name"].Value).ToHashSet();

        Assert.All(Source().Matches(text), s => Assert.Contains(s.Groups[1].Value, declared));
        Assert.Equal(text.Count(c => c == '{'), text.Count(c => c == '}'));
        Assert.Contains($"  - name: {model}\n", Schema, StringComparison.Ordinal);
    }

    private static string[] Names(Regex names, string text) => [.. names.Matches(text).Select(c => c.Groups[1].Value)];

    [GeneratedRegex(@"^view cpf\.(?<view>\w+)\n(?<columns>(?:    .+\n)+)", RegexOptions.Multiline)]
    private static partial Regex View();

    [GeneratedRegex(@"^    (\w+) ", RegexOptions.Multiline)]
    private static partial Regex Column();

    [GeneratedRegex(
        @"^      - name: (?<name>\w+)\n        description: .+\n        columns:\n(?<columns>(?:          .+\n)+)", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(@"^          - name: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex SourceColumn();

    [GeneratedRegex(@"source\('cpf', '(\w+)'\)")]
    private static partial Regex Source();
}
