using System.Text.RegularExpressions;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>
/// Every query of <c>infra/sql/README.md</c> and <c>README.md</c> answers as the page says, for the role <c>cpf_reader</c>.
/// </summary>
public sealed partial class CookbookTests(TestDatabases databases)
{
    [Fact]
    public async Task Cookbook_EveryQuery_ReturnsTheDocumentedColumnsAndSomething()
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root(), "infra", "sql", "README.md"), TestContext.Current.CancellationToken);
        var recipes = Recipe().Matches(text);
        Assert.Equal(Fence().Count(text), recipes.Count);
        Assert.Equal(Heading().Count(text), recipes.Count);
        Assert.Equal(Enumerable.Range(1, recipes.Count),
            recipes.Select(r => int.Parse(r.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(recipes.Count >= 15);
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        await Market.SeedAsync(database, TestContext.Current.CancellationToken);
        var team = new DataTeam(database);
        foreach (Match recipe in recipes)
        {
            DataTeam.Answer answer;
            try
            {
                answer = await team.AskAsync(recipe.Groups["sql"].Value);
            }
            catch (Npgsql.PostgresException e)
            {
                Assert.Fail($"{recipe.Groups["number"].Value}. {recipe.Groups["question"].Value}: {e.MessageText}");
                throw;
            }

            Assert.Equal(Name().Matches(recipe.Groups["columns"].Value).Select(m => m.Groups[1].Value), answer.Columns);
            Assert.True(answer.Rows.Count > 0, $"{recipe.Groups["number"].Value}. {recipe.Groups["question"].Value}: no row");
        }
    }

    [Fact]
    public async Task Readme_EveryQuery_ReturnsSomething()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "README.md"), TestContext.Current.CancellationToken);
        var queries = Query().Matches(text);
        Assert.NotEmpty(queries);
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        await Market.SeedAsync(database, TestContext.Current.CancellationToken);
        var team = new DataTeam(database);
        foreach (Match query in queries)
        {
            Assert.NotEmpty((await team.AskAsync(query.Groups["sql"].Value)).Rows);
        }
    }

    [Theory]
    [InlineData(1, "group_id", new[] { "1", "7" })]
    [InlineData(2, "product_keys", new[] { "gtin:1,gtin:2" })]
    [InlineData(3, "external_id", new[] { "a-2" })]
    [InlineData(4, "copies", new[] { null, "shop-a/4711-front,shop-c/c-1" })]
    [InlineData(5, "content_id", new[] { "6" })]
    [InlineData(6, "group_id", new[] { "7", "1" })]
    [InlineData(8, "external_id_b", new[] { "b-2" })]
    [InlineData(9, "groups", new[] { "2", "1", "1", "0" })]
    [InlineData(10, "present_group_id", new[] { "1", "7" })]
    [InlineData(11, "reason", new[] { "similarity", "similarity" })]
    [InlineData(12, "group_id", new[] { "1", "1" })]
    [InlineData(15, "state", new[] { "retired", "active", "refused" })]
    [InlineData(16, "reject_reason", new[] { "undecodable" })]
    [InlineData(17, "share_across_sellers", new[] { "0.087", "0.667", "1.000" })]
    [InlineData(19, "external_id", new[] { "b-1", "a-7" })]
    [InlineData(20, "external_id", new[] { "4711-front", "b-1", "c-1", "c-9", "a-7", "b-8" })]
    [InlineData(22, "outcome", new[] { "refused", "finished" })]
    [InlineData(23, "f1", new[] { null, "0.91", "0.71" })]
    [InlineData(24, "external_id", new[] { "a-7", "b-8" })]
    [InlineData(25, "external_id", new[] { "4711-front", "b-1", "c-1", "c-9" })]
    [InlineData(27, "external_id", new[] { "4711-front", "b-1", "c-1", "c-9", "a-7", "b-8" })]
    public async Task Cookbook_SeededMarket_FindsWhatIsThere(int number, string column, string?[] expected)
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root(), "infra", "sql", "README.md"), TestContext.Current.CancellationToken);
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        await Market.SeedAsync(database, TestContext.Current.CancellationToken);

        var answer = await new DataTeam(database).AskAsync(Recipe().Matches(text)[number - 1].Groups["sql"].Value);

        var values = answer.Rows.Select(r =>
            r[column] is string[] many ? string.Join(',', many) : FormattableString.Invariant($"{r[column]}")).ToArray();
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First ?? pair.Second, pair.Second));
    }

    [GeneratedRegex("^### (?<number>[0-9]+)\\. (?<question>.+)\n(?:(?!#|```).*\n)*?```sql\n(?<sql>(?:(?!```).*\n)+)```\nColumns: "
        + "(?<columns>(?:`[a-z0-9_]+`(?:, )?)+)$", RegexOptions.Multiline)]
    private static partial Regex Recipe();

    [GeneratedRegex("^```sql\n(?<sql>(?:(?!```).*\n)+)```$", RegexOptions.Multiline)]
    private static partial Regex Query();

    [GeneratedRegex("^```sql", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("^### ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("`([a-z0-9_]+)`")]
    private static partial Regex Name();
}
