using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Nights.Drift;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>
/// Similarities of contents that a head was not fitted to, each to its nearest among all contents. New contents are later compared with
/// these.
/// </summary>
internal static class FittedNeighbours
{
    private const int MaxQueries = 2_000;

    public static NeighbourHistogram Measure(TrainingSet set, FittedCandidate fitted, CancellationToken cancellationToken)
    {
        // New contents are compared with contents, not with copies that were made to learn from.
        var rows = Enumerable.Range(0, set.Count).Where(row => fitted.IsUsable[row] && set.ContentIds[row] >= 0).ToList();
        var queries = rows.Where(row => set.UseOf(row) != ClassUse.Train)
            .OrderBy(row => TrainingSet.Scattered(set.ContentIds[row])).Take(MaxQueries);
        return NeighbourHistogram.Measure(Matrix(queries), Matrix(rows), cancellationToken);

        EmbeddingMatrix Matrix(IEnumerable<int> chosen)
        {
            var matrix = new EmbeddingMatrix(fitted.Vectors.Dimension);
            foreach (var row in chosen)
            {
                matrix.Add(set.ContentIds[row], fitted.Vectors.Row(row));
            }

            return matrix;
        }
    }
}
