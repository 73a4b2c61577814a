using System.Text.RegularExpressions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Data.Schema;

/// <summary>The words that tables allow are those of the vocabulary.</summary>
public sealed partial class VocabularyTests(TestDatabases databases)
{
    [Fact]
    public async Task Checks_OfStatesKindsAndScopes_AllowTheWordsOfTheVocabulary()
    {
        await using var database = await databases.CreateAsync(TestContext.Current.CancellationToken);
        Assert.Equal(WordsOf(typeof(ContentState)), await AllowedAsync("contents", "state"));
        Assert.Equal(WordsOf(typeof(ImageState)), await AllowedAsync("images", "state"));
        Assert.Equal(WordsOf(typeof(ModelState)), await AllowedAsync("models", "state"));
        Assert.Equal(WordsOf(typeof(FeedState)), await AllowedAsync("feeds", "state"));
        Assert.Equal(WordsOf(typeof(ErasureState)), await AllowedAsync("erasures", "state"));
        Assert.Equal(WordsOf(typeof(TrainingRunKind)), await AllowedAsync("training_runs", "kind"));
        Assert.Equal(WordsOf(typeof(TrainingRunState)), await AllowedAsync("training_runs", "state"));
        Assert.Equal(WordsOf(typeof(TrainingRunStep)), await AllowedAsync("training_runs", "step"));
        foreach (var table in new[] { "images", "image_updates", "fetches" })
        {
            Assert.Equal(WordsOf(typeof(ProductKeyScope)), await AllowedAsync(table, "key_scope"));
        }

        string[] verdicts = [VerdictWord.Different, VerdictWord.Same];
        Assert.Equal(verdicts, await AllowedAsync("verdicts", "verdict")); // A withdrawn one has no row.

        async Task<IEnumerable<string>> AllowedAsync(string table, string column)
        {
            var definition = await database.ScalarAsync<string>(
                """
                select pg_get_constraintdef(oid)
                from pg_constraint
                where contype = 'c' and conrelid = ('cpf.' || $1)::regclass
                  and pg_get_constraintdef(oid) like 'CHECK ((' || $2 || ' = ANY (ARRAY[%'
                """,
                table, column);
            return Word().Matches(definition).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal);
        }
    }

    private static IEnumerable<string> WordsOf(Type type) =>
        type.GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order(StringComparer.Ordinal);

    [GeneratedRegex("'([a-z_]+)'::text")]
    private static partial Regex Word();
}
