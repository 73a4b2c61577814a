using System.Data;
using CpfPipeline.Data.Models;
using Npgsql;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Reads a training set with its vectors as of one moment.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class TrainingSetReader(NpgsqlDataSource dataSource)
{
    /// <param name="model">Its backbone's features and its head's embeddings are read.</param>
    /// <param name="withFeatures">False: only embeddings are wanted.</param>
    /// <param name="pinned">Chooses the set from what is stored now; null: takes everything that is stored.</param>
    /// <param name="isEnough">Given the set: false reads no vectors.</param>
    /// <param name="progress">Receives the share of the vectors that is read.</param>
    /// <param name="cancellationToken">Stops between packets.</param>
    public async Task<TrainingData> ReadAsync(
        ServingModel model, bool withFeatures, TrainingSetPin? pinned, Func<TrainingSet, bool> isEnough, Action<double> progress,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var live = await LabelledContentStore.ReadLiveAsync(connection, model.BackboneId, model.HeadId, cancellationToken);
        var keys = await LabelledContentStore.ReadKeysAsync(connection, cancellationToken);
        var verdicts = await LabelledContentStore.ReadVerdictsAsync(connection, cancellationToken);
        var set = pinned?.Use(live, keys, verdicts) ?? TrainingSet.Of(live, keys, verdicts);
        if (!isEnough(set))
        {
            return new TrainingData(set, null, new ContentVectors(model.EmbeddingDim, []));
        }

        var rowOf = new Dictionary<long, int>(set.Count);
        for (var row = 0; row < set.Count; row++)
        {
            rowOf[set.ContentIds[row]] = row;
        }

        var share = withFeatures ? .5 : 1;
        var embeddings = new ContentVectors(model.EmbeddingDim, new Half[checked(set.Count * model.EmbeddingDim)]);
        await FeatureStream.ReadEmbeddingsAsync(
            connection, model.HeadId, model.EmbeddingDim, rowOf, embeddings.Values, done => progress(share * done / set.Count),
            cancellationToken);
        if (!withFeatures)
        {
            return new TrainingData(set, null, embeddings);
        }

        var features = new ContentVectors(model.FeatureDim, new Half[checked(set.Count * model.FeatureDim)]);
        await FeatureStream.ReadFeaturesAsync(
            connection, model.BackboneId, model.FeatureDim, rowOf, features.Values, done => progress(share + (share * done / set.Count)),
            cancellationToken);
        return new TrainingData(set, features, embeddings);
    }
}
