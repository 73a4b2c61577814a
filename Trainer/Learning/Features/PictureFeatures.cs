using System.Collections.Concurrent;
using System.Security.Cryptography;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Features;

/// <summary>
/// Features <c>[N,F] half</c> of pictures, computed as the pipeline computes and stores them. Rows lie as the pictures were given; a
/// refused picture's row is zeros.
/// </summary>
public sealed class PictureFeatures
{
    private const string Unreadable = "unreadable";

    private PictureFeatures(int dimension, Half[] values, IReadOnlyList<RefusedPicture> refused)
    {
        Dimension = dimension;
        Values = values;
        Refused = refused;
        var gone = refused.Select(r => r.Picture).ToHashSet();
        Usable = [.. Enumerable.Range(0, values.Length / dimension).Where(i => !gone.Contains(i))];
    }

    /// <summary>F.</summary>
    public int Dimension { get; }

    /// <summary>N.</summary>
    public int Count => Values.Length / Dimension;

    /// <summary>All rows, one after the other. Two bytes per value: 100,000 pictures of 1,280 take 256 MB.</summary>
    public Half[] Values { get; }

    /// <summary>By rising index.</summary>
    public IReadOnlyList<RefusedPicture> Refused { get; }

    /// <summary>Indices of the pictures that have a feature, rising.</summary>
    public IReadOnlyList<int> Usable { get; }

    public ReadOnlySpan<Half> Row(int picture) => Values.AsSpan(picture * Dimension, Dimension);

    /// <summary>
    /// Decodes and runs the backbone, a picture at a time on every core; what is in memory besides the result does not grow with N.
    /// </summary>
    /// <param name="session">The backbone.</param>
    /// <param name="paths">N files.</param>
    /// <param name="decoder">Decodes the pictures.</param>
    /// <param name="progress">Receives how many pictures are done, from any thread, in rising order only roughly.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <param name="cache">Features of earlier runs, opened for this session; gets what is computed. Null: none.</param>
    /// <exception cref="ModelFileException">The backbone does not run.</exception>
    public static PictureFeatures Compute(
        BackboneSession session, IReadOnlyList<string> paths, IPictureDecoder decoder, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default, FeatureCache? cache = null)
    {
        var dimension = session.Spec.FeatureDim;
        var values = new Half[checked(paths.Count * dimension)];
        var refused = new ConcurrentBag<RefusedPicture>();
        var done = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(
                0, paths.Count, options, () => new PixelBatch(session.Spec.Input, 1), (i, _, batch) =>
                {
                    var row = values.AsSpan(i * dimension, dimension);
                    if (ComputeOne(session, decoder, paths[i], batch, row, cache) is var (reason, message))
                    {
                        refused.Add(new RefusedPicture(i, reason, message));
                    }

                    progress?.Report(Interlocked.Increment(ref done));
                    return batch;
                },
                _ => { });
        }
        catch (AggregateException e)
        {
            throw SessionFailure.Explain(e, "backbone");
        }

        return new PictureFeatures(dimension, values, [.. refused.OrderBy(r => r.Picture)]);
    }

    private static (string Reason, string Message)? ComputeOne(
        BackboneSession session, IPictureDecoder decoder, string path, PixelBatch batch, Span<Half> feature, FeatureCache? cache)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (Unreadable, e.Message);
        }

        Span<byte> sha256 = stackalloc byte[SHA256.HashSizeInBytes];
        if (cache is not null)
        {
            SHA256.HashData(bytes, sha256);
            if (cache.TryRead(sha256, feature))
            {
                return null;
            }
        }

        var outcome = decoder.Decode(bytes, session.Spec.Input, batch.Row(0));
        if (!outcome.IsOk)
        {
            return (outcome.Reason, outcome.Message);
        }

        var reasons = new string?[1];
        session.Run(batch, 1, feature, reasons);
        if (reasons[0] is { } reason)
        {
            return (reason, "the backbone gives nothing usable for it");
        }

        cache?.Add(sha256, feature);
        return null;
    }
}
