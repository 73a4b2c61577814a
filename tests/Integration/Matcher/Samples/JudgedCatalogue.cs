using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Oracle;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>
/// Random contents and verdicts on them, of which groups are made. Similarities tie and hit thresholds exactly all the time.
/// </summary>
internal sealed class JudgedCatalogue : IAsyncDisposable
{
    /// <summary>The active model's threshold.</summary>
    public const double Threshold = 0.5;

    private const int Dimension = 4;

    // Coarse values make the ties.
    private static readonly double[] Coordinates = [-0.25, 0, 0.25, 0.5, 0.75];

    private JudgedCatalogue(
        TestDatabase database, Catalogue catalogue, IReadOnlyDictionary<long, Half[]> contents,
        IReadOnlyDictionary<(long A, long B), bool> verdicts) =>
        (Database, Catalogue, Contents, Verdicts) = (database, catalogue, contents, verdicts);

    public TestDatabase Database { get; }

    public Catalogue Catalogue { get; }

    /// <summary>The embeddings.</summary>
    public IReadOnlyDictionary<long, Half[]> Contents { get; }

    /// <summary>Whether two contents are the same, the smaller id first.</summary>
    public IReadOnlyDictionary<(long A, long B), bool> Verdicts { get; }

    /// <summary>Thresholds from the model's up: between its merges, at some of them, and right beside these.</summary>
    public IReadOnlyList<double> Thresholds
    {
        get
        {
            var heights = By(Threshold).Merges.Select(m => m.Height).Where(h => h > Threshold && h < 1).Take(3).ToArray();
            return
            [
                Threshold, 0.5625, 0.625, 0.75, 0.8125, 1, .. heights.Select(Math.BitIncrement),
                .. heights.Select(Math.BitDecrement).Where(h => h >= Threshold),
            ];
        }
    }

    /// <summary>Makes the groups of random contents.</summary>
    /// <param name="databases">Where.</param>
    /// <param name="random">Draws them.</param>
    /// <param name="count">How many contents.</param>
    /// <param name="maxVerdicts">Verdicts at most.</param>
    /// <param name="pick">Draws the two contents of a verdict; two equal ones give none.</param>
    public static async Task<JudgedCatalogue> CreateAsync(
        TestDatabases databases, Random random, int count, int maxVerdicts, Func<long[], (long A, long B)> pick)
    {
        var token = TestContext.Current.CancellationToken;
        var database = await databases.CreateAsync(token);
        var catalogue = await Catalogue.CreateAsync(database, Dimension, Threshold);
        var contents = Enumerable.Range(0, count).ToDictionary(
            _ => random.NextInt64(0, long.MaxValue),
            _ => Enumerable.Range(0, Dimension).Select(_ => (Half)Coordinates[random.Next(Coordinates.Length)]).ToArray());
        long[] ids = [.. contents.Keys];
        await catalogue.EmbedAsync([.. contents.Select(c => (c.Key, c.Value))]);
        await catalogue.ShowAsync(ids);
        var verdicts = new Dictionary<(long A, long B), bool>();
        for (var i = random.Next(maxVerdicts + 1); i > 0; i--)
        {
            var (a, b) = pick(ids);
            if (a != b)
            {
                verdicts[(Math.Min(a, b), Math.Max(a, b))] = random.Next(2) == 0;
            }
        }

        foreach (var ((a, b), same) in verdicts)
        {
            await catalogue.JudgeAsync(a, b, same);
        }

        using var matcher = new MatcherInstance(database.DataSource, new MatcherOptions());
        await matcher.Updater.RefreshAsync(ids, token);
        await matcher.SettleAsync(token);
        await catalogue.AssertExactAsync();
        return new JudgedCatalogue(database, catalogue, contents, verdicts);
    }

    /// <summary>What the groups are by definition at a threshold.</summary>
    public NaivePartition By(double threshold) => NaiveMatching.Partition(
        Contents, threshold, [.. Verdicts.Where(v => v.Value).Select(v => v.Key)], [.. Verdicts.Where(v => !v.Value).Select(v => v.Key)]);

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
