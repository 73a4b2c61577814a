using System.Collections.Concurrent;
using System.Data;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.Features;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Npgsql;

namespace CpfPipeline.Nights.Candidates;

/// <summary>Makes a training set of edited copies of the catalogue's own pictures.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="blobs">Pictures and model files.</param>
/// <param name="openDecoders">Opens what decodes the pictures.</param>
internal sealed class CopySetReader(NpgsqlDataSource dataSource, IBlobStore blobs, Func<DecoderPool> openDecoders)
{
    /// <summary>Only pictures with a feature are copied: the Embedder could decode them.</summary>
    /// <param name="model">The active model.</param>
    /// <param name="trains">False: only a threshold is wanted.</param>
    /// <param name="seed">Of the edits.</param>
    /// <param name="progress">Receives the share of the pictures that is copied, from any thread.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <returns>The set with features and with embeddings under the active head; or what is missing, a sentence.</returns>
    public async Task<(TrainingData? Data, string? Missing)> ReadAsync(
        ServingModel model, bool trains, int seed, Action<double> progress, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var (pictures, live) = await DistinctPictureStore.ReadAsync(connection, model, cancellationToken);
        var plan = CopyPlan.Of(pictures);
        if (CopyPlan.Missing(plan, trains) is { } missing)
        {
            return (null, missing);
        }

        var copies = await CopyAsync(model, plan, seed, progress, cancellationToken);
        var (ids, featureOf) = (new List<(DistinctPicture, IReadOnlyList<long>)>(), new Dictionary<long, float[]>());
        foreach (var (picture, _) in plan)
        {
            var made = copies.GetValueOrDefault(picture.ContentId, []);
            var first = -1L - featureOf.Count;
            for (var k = 0; k < made.Count; k++)
            {
                featureOf[first - k] = made[k];
            }

            ids.Add((picture, [.. Enumerable.Range(0, made.Count).Select(k => first - k).Order()]));
        }

        var set = CopyPlan.SetOf(ids, live);
        var features = new ContentVectors(model.FeatureDim, new Half[checked(set.Count * model.FeatureDim)]);
        var rowOf = new Dictionary<long, int>();
        for (var row = 0; row < set.Count; row++)
        {
            if (featureOf.TryGetValue(set.ContentIds[row], out var feature))
            {
                System.Numerics.Tensors.TensorPrimitives.ConvertToHalf(
                    feature, features.Values.AsSpan(row * model.FeatureDim, model.FeatureDim));
            }
            else
            {
                rowOf[set.ContentIds[row]] = row;
            }
        }

        await FeatureStream.ReadFeaturesAsync(
            connection, model.BackboneId, model.FeatureDim, rowOf, features.Values, null, cancellationToken);
        var head = HeadFile.Load(await blobs.ReadAsync(model.HeadSha256, cancellationToken), "the active head");
        return (new TrainingData(set, features, HeadVectors.Compute(head, features, cancellationToken).Vectors), null);
    }

    private async Task<ConcurrentDictionary<long, IReadOnlyList<float[]>>> CopyAsync(
        ServingModel model, IReadOnlyList<(DistinctPicture Picture, int Copies)> plan, int seed, Action<double> progress,
        CancellationToken cancellationToken)
    {
        var backbone = BackboneFile.Load(await blobs.ReadAsync(model.BackboneSha256, cancellationToken), "the active backbone");
        using var session = new BackboneSession(backbone, new SessionSettings());
        using var decoders = openDecoders();
        var extractor = new FeatureExtractor(session, decoders);
        var (result, done, chosen) = (new ConcurrentDictionary<long, IReadOnlyList<float[]>>(), 0, plan.Where(p => p.Copies > 0).ToList());
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(chosen, options, async (planned, stop) =>
        {
            // It may have been erased since.
            if (await blobs.ExistsAsync(planned.Picture.Sha256, stop))
            {
                var bytes = await blobs.ReadAsync(planned.Picture.Sha256, stop);
                result[planned.Picture.ContentId] = extractor.CopiesOf(
                    bytes, planned.Copies, EditedCopies.All, seed, new PixelBatch(session.Spec.Input, 1));
            }

            progress((double)Interlocked.Increment(ref done) / chosen.Count);
        });
        return result;
    }
}
