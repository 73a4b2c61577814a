using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>The queries of <c>infra/sql/README.md</c>.</summary>
internal static partial class CookbookQueries
{
    // Questions about all groups, as the page says.
    private static readonly HashSet<int> OfEverything = [1, 2, 4, 5, 9, 10, 16, 17, 18];

    /// <summary>Reads them, with the page's examples replaced by listings of the catalogue.</summary>
    public static IEnumerable<SqlQuestion> Read(string checkout, string source, string externalId, string otherSource, string otherId)
    {
        foreach (Match recipe in Recipe().Matches(File.ReadAllText(Path.Combine(checkout, "infra", "sql", "README.md"))))
        {
            var number = int.Parse(recipe.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture);
            var text = recipe.Groups["sql"].Value.TrimEnd(';', '\n')
                .Replace("'shop-a'", $"'{source}'", StringComparison.Ordinal)
                .Replace("'4711-front'", $"'{externalId}'", StringComparison.Ordinal)
                .Replace("'shop-c'", $"'{otherSource}'", StringComparison.Ordinal)
                .Replace("'c-9'", $"'{otherId}'", StringComparison.Ordinal);
            yield return new(
                $"cookbook {number}. {recipe.Groups["question"].Value}",
                text,
                OfEverything.Contains(number) ? Reach.Everything : Reach.Page);
        }
    }

    [GeneratedRegex(
        "^### (?<number>[0-9]+)\\. (?<question>.+)\n(?:(?!#|```).*\n)*?```sql\n(?<sql>(?:(?!```).*\n)+)```$", RegexOptions.Multiline)]
    private static partial Regex Recipe();
}
