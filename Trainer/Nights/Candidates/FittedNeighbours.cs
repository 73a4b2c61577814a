using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Nights.Drift;
using CpfPipeline.Nights.TrainingSets;

namespace CpfPipeline.Nights.Candidates;

/// <summary>How similar contents that a head was not fitted to are to their nearest, among all: what new contents are later compared with.</summary>
internal static class FittedNeighbours
{
    private const int MostQueries = 2_000;

    public static NeighbourHistogram Measure(TrainingSet set, FittedCandidate fitted, CancellationToken cancellationToken)
    {
        var rows = Enumerable.Range(0, set.Count).Where(row => fitted.IsUsable[row]).ToList();
        var queries = rows.Where(row => set.UseOf(row) != ClassUse.Train).OrderBy(row => TrainingSet.Scattered(set.ContentIds[row])).Take(MostQueries);
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
