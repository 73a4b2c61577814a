using System.Numerics.Tensors;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Features;

/// <summary>Features of pictures and of their edited copies, rounded to half as the pipeline stores them.</summary>
public sealed class FeatureExtractor(BackboneSession session, TimeProvider time)
{
    private readonly ImageDecoder _decoder = new(new ImageLimits(), time);

    /// <param name="Original">F values.</param>
    /// <param name="Copies">F values each.</param>
    public sealed record Family(float[] Original, IReadOnlyList<float[]> Copies);

    /// <summary>One family a path, null where the picture is refused.</summary>
    /// <param name="paths">Pictures.</param>
    /// <param name="copies">Copies of each, by its place in the list.</param>
    /// <param name="seed">Another seed, other edits.</param>
    /// <param name="progress">Receives how many pictures are done, from any thread, in rising order only roughly.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    public Family?[] Extract(
        IReadOnlyList<string> paths, IReadOnlyList<int> copies, int seed, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var done = 0;
        var result = new Family?[paths.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(
                0, paths.Count, options, () => new PixelBatch(session.Spec.Input, copies.Max() + 1), (i, _, batch) =>
                {
                    result[i] = ExtractOne(File.ReadAllBytes(paths[i]), copies[i], seed, batch);
                    progress?.Report(Interlocked.Increment(ref done));
                    return batch;
                },
                _ => { });
        }
        catch (AggregateException e)
        {
            throw SessionFailure.Explain(e, "backbone");
        }

        return result;
    }

    private Family? ExtractOne(byte[] bytes, int copies, int seed, PixelBatch batch)
    {
        var spec = session.Spec;
        if (!_decoder.Decode(bytes, spec.Input, batch.Row(0)).IsOk)
        {
            return null;
        }

        var rows = 1;
        foreach (var edit in EditedCopies.Choose(bytes, copies, seed, EditedCopies.All))
        {
            if (EditedCopies.TryMake(bytes, edit, seed) is { } copy && _decoder.Decode(copy.Jpeg, spec.Input, batch.Row(rows)).IsOk)
            {
                rows++;
            }
        }

        var halves = new Half[rows * spec.FeatureDim];
        var reasons = new string?[rows];
        session.Run(batch, rows, halves, reasons);
        if (reasons[0] is not null)
        {
            return null;
        }

        return new Family(
            Floats(0), [.. Enumerable.Range(1, rows - 1).Where(r => reasons[r] is null).Select(Floats)]);

        float[] Floats(int row)
        {
            var floats = new float[spec.FeatureDim];
            TensorPrimitives.ConvertToSingle(halves.AsSpan(row * spec.FeatureDim, spec.FeatureDim), floats);
            return floats;
        }
    }
}
