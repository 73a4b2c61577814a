using System.Numerics.Tensors;
using System.Security.Cryptography;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Features;

/// <summary>Features of pictures and of their edited copies, rounded to half as the pipeline stores them.</summary>
/// <param name="session">The backbone.</param>
/// <param name="decoder">Decodes the pictures.</param>
/// <param name="cache">Features of earlier runs, opened for this session; gets what is computed. Null: none.</param>
public sealed class FeatureExtractor(BackboneSession session, IPictureDecoder decoder, FeatureCache? cache = null)
{
    /// <param name="Original">F values.</param>
    /// <param name="Copies">F values each.</param>
    public sealed record Family(float[] Original, IReadOnlyList<float[]> Copies);

    /// <summary>One family a path, null where the picture is refused.</summary>
    /// <param name="paths">Pictures.</param>
    /// <param name="copies">Copies of each, by its place in the list.</param>
    /// <param name="edits">The edits to choose among.</param>
    /// <param name="seed">Another seed, other edits.</param>
    /// <param name="progress">Receives how many pictures are done, from any thread, in rising order only roughly.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    public Family?[] Extract(
        IReadOnlyList<string> paths, IReadOnlyList<int> copies, IReadOnlyList<CopyEdit> edits, int seed, IProgress<int>? progress,
        CancellationToken cancellationToken)
    {
        var done = 0;
        var result = new Family?[paths.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(
                0, paths.Count, options, () => new PixelBatch(session.Spec.Input, 1), (i, _, pixels) =>
                {
                    result[i] = ExtractOne(File.ReadAllBytes(paths[i]), copies[i], edits, seed, pixels);
                    progress?.Report(Interlocked.Increment(ref done));
                    return pixels;
                },
                _ => { });
        }
        catch (AggregateException e)
        {
            throw SessionFailure.Explain(e, "backbone");
        }

        return result;
    }

    /// <summary>Features of edited copies of one picture, fewer where a copy cannot be made or used.</summary>
    /// <param name="bytes">The picture.</param>
    /// <param name="copies">How many.</param>
    /// <param name="edits">The edits to choose among.</param>
    /// <param name="seed">Another seed, other edits.</param>
    /// <param name="pixels">Of one row, the caller's thread's own.</param>
    public IReadOnlyList<float[]> CopiesOf(byte[] bytes, int copies, IReadOnlyList<CopyEdit> edits, int seed, PixelBatch pixels) =>
        copies == 0 || !decoder.Bounded(bytes, EditedCopies.LongestSide, out var original).IsOk ? [] :
        [
            .. EditedCopies.Choose(bytes, copies, seed, edits).Select(edit => EditedCopies.TryMake(original!, bytes, edit, seed))
                .OfType<EditedCopy>().Select(copy => FeatureOf(copy.Jpeg, pixels)).OfType<float[]>(),
        ];

    private Family? ExtractOne(byte[] bytes, int copies, IReadOnlyList<CopyEdit> edits, int seed, PixelBatch pixels) =>
        FeatureOf(bytes, pixels) is { } original ? new Family(original, CopiesOf(bytes, copies, edits, seed, pixels)) : null;

    // Null when it cannot be decoded, or the backbone gives nothing usable.
    private float[]? FeatureOf(byte[] bytes, PixelBatch pixels)
    {
        var (feature, reasons) = (new Half[session.Spec.FeatureDim], new string?[1]);
        var sha256 = SHA256.HashData(bytes);
        if (cache is null || !cache.TryRead(sha256, feature))
        {
            if (!decoder.Decode(bytes, session.Spec.Input, pixels.Row(0)).IsOk)
            {
                return null;
            }

            session.Run(pixels, 1, feature, reasons);
            if (reasons[0] is not null)
            {
                return null;
            }

            cache?.Add(sha256, feature);
        }

        var floats = new float[feature.Length];
        TensorPrimitives.ConvertToSingle(feature, floats);
        return floats;
    }
}
