using CpfPipeline.Data.Ids;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Sql;

/// <summary>Asks <c>cpf.why</c>, as a data team does.</summary>
internal static class WhyRows
{
    /// <summary>The answer about two images of source s, step by step.</summary>
    public static async Task<IReadOnlyList<IReadOnlyDictionary<string, object?>>> WhyAsync(TestDatabase database, string a, string b) =>
        (await new DataTeam(database)
            .AskAsync("select * from cpf.why($1, $2) order by step", ImageId.From("s", a), ImageId.From("s", b))).Rows;

    /// <summary>Fails unless the links lead from the one content to the other.</summary>
    public static void AssertConnects(IReadOnlyList<IReadOnlyDictionary<string, object?>> rows, long from, long to)
    {
        Assert.Equal(from, rows[1]["content_a"]);
        Assert.Equal(to, rows[^1]["content_b"]);
        for (var i = 2; i < rows.Count; i++)
        {
            Assert.Equal(rows[i - 1]["content_b"], rows[i]["content_a"]);
        }
    }
}
