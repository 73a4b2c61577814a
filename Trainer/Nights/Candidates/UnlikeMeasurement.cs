using CpfPipeline.Learning.Features;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Nights.Gate;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Nights.Candidates;

/// <summary>
/// Candidate and active model on pictures that no class says anything of: made-up ones, and the catalogue's own contents without a class.
/// The test classes are of the kind that the candidate learned; what it makes of others does not show there.
/// </summary>
/// <param name="backbone">The active backbone.</param>
/// <param name="active">The active head.</param>
internal sealed class UnlikeMeasurement(BackboneFile backbone, HeadFile active)
{
    private const int MadeUp = 96;
    private const int MaxContents = 1_000;
    private const int MinContents = 100;

    // No two made-up pictures show the same. The first model of the default backbone calls none of their pairs one product, a head of the
    // demonstration's drawings alone one in two.
    private const double MaxExcessOfMadeUp = .02;

    // Contents without a class may show one product, a few of them in most catalogues.
    private const double MaxExcessOfContents = .2;

    /// <param name="data">The training set with the active head's embeddings.</param>
    /// <param name="fitted">The candidate.</param>
    /// <param name="activeThreshold">The active model's own.</param>
    /// <param name="seed">Of the made-up pictures.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    public IReadOnlyList<UnlikePictures> Of(
        TrainingData data, FittedCandidate fitted, double activeThreshold, int seed, CancellationToken cancellationToken)
    {
        using var session = new BackboneSession(backbone, new SessionSettings());
        var features = new ContentVectors(
            session.Spec.FeatureDim, MadeUpPictures.Features(session, MadeUp, seed, cancellationToken));
        var (after, before) = (
            HeadVectors.Compute(fitted.Head, features, cancellationToken), HeadVectors.Compute(active, features, cancellationToken));
        var made = Enumerable.Range(0, features.Count).Where(row => after.IsUsable[row] && before.IsUsable[row]).ToList();
        List<UnlikePictures> measured =
        [
            new("made-up pictures", made.Count, Share(after.Vectors, made, fitted.Calibration.Threshold),
                Share(before.Vectors, made, activeThreshold), MaxExcessOfMadeUp),
        ];
        var contents = Enumerable.Range(0, data.Set.Count).Where(row => data.Set.UseOf(row) is null && fitted.IsUsable[row])
            .OrderBy(row => TrainingSet.Scattered(data.Set.ContentIds[row])).Take(MaxContents).ToList();
        if (contents.Count >= MinContents)
        {
            measured.Add(new(
                "contents without a product", contents.Count, Share(fitted.Vectors, contents, fitted.Calibration.Threshold),
                Share(data.Embeddings, contents, activeThreshold), MaxExcessOfContents));
        }

        return measured;
    }

    private static double Share(ContentVectors vectors, List<int> rows, double threshold)
    {
        var (alike, all) = (0, 0);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = i + 1; j < rows.Count; j++)
            {
                all++;
                alike += Similarity.Exact(vectors.Row(rows[i]), vectors.Row(rows[j])) >= threshold ? 1 : 0;
            }
        }

        return all == 0 ? 0 : (double)alike / all;
    }
}
