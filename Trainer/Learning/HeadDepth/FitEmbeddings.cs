using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>Embeddings of some rows of a <see cref="FitSet"/> under a candidate head, as they would be stored.</summary>
internal static class FitEmbeddings
{
    private const int RowsATime = 256;

    /// <param name="session">The candidate.</param>
    /// <param name="set">Features.</param>
    /// <param name="rows">Which.</param>
    /// <param name="classOf">Class of a row of the set, or <see cref="EvaluationSet.NoClass"/> for the gallery.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static EvaluationSet Of(HeadSession session, FitSet set, int[] rows, Func<int, int> classOf, CancellationToken cancellationToken)
    {
        var (f, d) = (session.Spec.FeatureDim, session.Spec.EmbeddingDim);
        var embeddings = new Half[checked(rows.Length * d)];
        var reasons = new string?[rows.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, (rows.Length + RowsATime - 1) / RowsATime, options, () => new Half[RowsATime * f], (block, _, buffer) =>
        {
            var first = block * RowsATime;
            var n = Math.Min(RowsATime, rows.Length - first);
            for (var i = 0; i < n; i++)
            {
                set.Values.AsSpan(rows[first + i] * f, f).CopyTo(buffer.AsSpan(i * f, f));
            }

            session.Embed(buffer, n, embeddings.AsSpan(first * d, n * d), reasons.AsSpan(first, n));
            return buffer;
        }, _ => { });

        var (matrix, classes, kept) = (new EmbeddingMatrix(d, rows.Length), new List<int>(rows.Length), new List<int>(rows.Length));
        for (var i = 0; i < rows.Length; i++)
        {
            if (reasons[i] is null)
            {
                matrix.Add(rows[i], embeddings.AsSpan(i * d, d));
                classes.Add(classOf(rows[i]));
                kept.Add(rows[i]);
            }
        }

        return EvaluationSet.Of(matrix, classes, set.ScopesOf(kept));
    }
}
