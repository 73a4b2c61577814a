using CpfPipeline.Data.Models;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Matcher.Verdicts;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>Products of some pictures each, matched, and what reviewers say of them.</summary>
internal sealed class ReviewWorld : IAsyncDisposable
{
    private ReviewWorld(TestDatabase database, Catalogue catalogue, MatcherInstance matcher, IReadOnlyList<long> ids)
    {
        (Database, Catalogue, Matcher, Ids) = (database, catalogue, matcher, ids);
        Intake = NewIntake();
        Queue = new PairQueue(database.DataSource);
    }

    public TestDatabase Database { get; }

    public Catalogue Catalogue { get; }

    public MatcherInstance Matcher { get; }

    /// <summary>The pictures, product by product.</summary>
    public IReadOnlyList<long> Ids { get; }

    public ReviewIntake Intake { get; }

    public PairQueue Queue { get; }

    public static async Task<ReviewWorld> CreateAsync(TestDatabases databases, int products, int each, double noise = 0.02)
    {
        var token = TestContext.Current.CancellationToken;
        var database = await databases.CreateAsync(token);
        var catalogue = await Catalogue.CreateAsync(database, 16, 0.9);
        var pictures = TestContents.Clustered(3, products, each, 16, noise);
        await catalogue.EmbedAsync(pictures);
        await catalogue.ShowAsync([.. pictures.Select(p => p.ContentId)]);
        var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync([.. pictures.Select(p => p.ContentId)], token);
        return new ReviewWorld(
            database, catalogue, matcher, [.. pictures.Select((p, i) => (p.ContentId, Product: i % products)).OrderBy(p => p.Product)
                .Select(p => p.ContentId)]);
    }

    /// <summary>As another process would have it.</summary>
    public ReviewIntake NewIntake() =>
        new(Database.DataSource, Matcher.Updater, (_, _) => Task.CompletedTask);

    /// <summary>The answer of somebody who sees what stands now.</summary>
    public async Task<ReviewOutcome> AnswerAsync(long a, long b, string word, string who = "ann", Guid? request = null) =>
        await AnswerSeenAsync(a, b, word, await WordAsync(a, b), who, request);

    /// <summary>The answer of somebody who saw the word <paramref name="standing"/>.</summary>
    public Task<ReviewOutcome> AnswerSeenAsync(long a, long b, string word, string? standing, string who, Guid? request = null) =>
        Intake.AnswerAsync(
            new ReviewAnswer(request ?? Guid.NewGuid(), a, b, word, standing, who), TestContext.Current.CancellationToken);

    public async Task<ReviewOutcome.Done> TakeAsync(long a, long b, string word, string who = "ann") =>
        Assert.IsType<ReviewOutcome.Done>(await AnswerAsync(a, b, word, who));

    public Task<ReviewOutcome> UndoAsync(string who = "ann", long? seq = null) =>
        Intake.UndoAsync(Guid.NewGuid(), who, seq, TestContext.Current.CancellationToken);

    /// <summary>The word that stands on two pictures, or null.</summary>
    public async Task<string?> WordAsync(long a, long b) => (string?)(await Database.QueryAsync(
        "select verdict from cpf.verdicts where content_a = $1 and content_b = $2", Math.Min(a, b), Math.Max(a, b))).SingleOrDefault()?[0];

    /// <summary>The group of a picture.</summary>
    public Task<long> GroupOfAsync(long contentId) =>
        Database.ScalarAsync<long>("select group_id from cpf.group_members where content_id = $1", contentId);

    public async Task<long> LastSeqAsync() => await Database.ScalarAsync<long>("select max(seq) from cpf.verdict_events");

    /// <summary>Fails unless the groups are what they are by definition under the verdicts that stand.</summary>
    public async Task AssertExactAsync()
    {
        var verdicts = await Database.QueryAsync("select content_a, content_b, verdict = 'same' from cpf.verdicts");
        Catalogue.Believe(verdicts.Select(v => ((long)v[0]!, (long)v[1]!, (bool)v[2]!)));
        await Matcher.SettleAsync(TestContext.Current.CancellationToken);
        await Catalogue.AssertExactAsync();
    }

    public VerdictIntake NewVerdictIntake() =>
        new(Database.DataSource, new ModelStore(Database.DataSource), Matcher.Updater, (_, _) => Task.CompletedTask);

    public async ValueTask DisposeAsync()
    {
        Matcher.Dispose();
        await Database.DisposeAsync();
    }
}
