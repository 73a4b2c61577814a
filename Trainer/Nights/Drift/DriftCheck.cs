using System.Globalization;
using Npgsql;

namespace CpfPipeline.Nights.Drift;

/// <summary>
/// Compares the similarities of new contents to their nearest with those of the contents that the active model was measured on. When they
/// differ, the feed shows something else than before and the threshold may not suit it. Exact, from the stored embeddings: about a second
/// and 50 MB for 100,000 contents of 256 values.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
public sealed class DriftCheck(NpgsqlDataSource dataSource)
{
    // The first by content id. That is a hash, so they are as good as drawn at random.
    private const int MaxContents = 2_000;

    private readonly DriftStore _store = new(dataSource);

    /// <summary>How long a content is new. Default a day.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(1);

    /// <returns>Null when no model is active.</returns>
    public async Task<DriftFinding?> RunAsync(CancellationToken cancellationToken)
    {
        if (await _store.FindActiveAsync(cancellationToken) is not { } active)
        {
            return null;
        }

        if (NeighbourHistogram.FromReport(active.ReportJson) is not { } reference)
        {
            return new DriftFinding(
                active.ModelId, 0, null, false,
                "The active model's report has no similarities to compare with. That of the next night's model will have them.");
        }

        var ids = await _store.ReadNewAsync(active.ModelId, Window, MaxContents, cancellationToken);
        var nearest = NearestSimilarities.Of(await _store.ReadEmbeddingsAsync(active, ids, cancellationToken));
        var gallery = await _store.StreamMembersAsync(active, block => nearest.Accept(block, cancellationToken), cancellationToken);
        var observed = NeighbourHistogram.Of(nearest.Values(), gallery);
        return Find(active.ModelId, ids.Count, PopulationStability.Index(reference.Counts, observed.Counts));
    }

    /// <summary>What an index means.</summary>
    /// <param name="modelId">The active model.</param>
    /// <param name="contents">New contents.</param>
    /// <param name="index">The population stability index; null where there is too little to compare.</param>
    internal static DriftFinding Find(long modelId, int contents, double? index) => index is not { } value
        ? new DriftFinding(
            modelId, contents, null, false,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{contents} new contents, or those the model was measured on, are too few to compare: {PopulationStability.MinContents} "
                + $"are needed."))
        : new DriftFinding(
            modelId, contents, value, value >= PopulationStability.AlarmLevel,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Similarities of {contents} new contents to their nearest: stability index {value:0.000}, alarm from "
                + $"{PopulationStability.AlarmLevel}."));
}
