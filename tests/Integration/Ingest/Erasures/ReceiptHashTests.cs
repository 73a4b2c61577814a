using System.Text.RegularExpressions;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Erasures;

/// <summary>Ingest/README.md leads to the receipt's hash, also with an independent program.</summary>
public sealed partial class ReceiptHashTests(TestDatabases databases)
{
    [Theory]
    [InlineData("officer", null)]
    [InlineData("Zo\u00eb <o'brien> & \"co\" \\ /", "first\nsecond\ttab\u0001\u007f\u00a0\u2028 \ud83d\ude00 \u4e2d +")]
    public async Task Receipt_RecomputedByTheStatementOfTheReadme_HasItsHash(string who, string? note)
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var sha256 = await harness.ShowAsync("a", 1);
        var order = new ErasureOrder(who, note);
        await harness.FinishAsync(await harness.Erasures.RequestContentAsync(sha256, order, ErasureMessages.Released, default), sha256);
        var statement = Statement().Match(await File.ReadAllTextAsync(Readme()));
        Assert.True(statement.Success);

        var row = Assert.Single(await harness.Database.QueryAsync(statement.Value));
        Assert.True((bool)row[^1]!);

        // And an altered one has not.
        await harness.Database.ExecuteAsync("update cpf.erasures set who = who || '.'");
        Assert.False((bool)(await harness.Database.QueryAsync(statement.Value))[0][^1]!);
    }

    [GeneratedRegex(@"(?<=```sql\s+)select erasure_id, record_hash = .*?(?=;?\s*```)", RegexOptions.Singleline)]
    private static partial Regex Statement();

    private static string Readme() => Path.Combine(Repository.Root(), "Ingest", "README.md");
}
