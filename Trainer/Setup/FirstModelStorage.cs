using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.FirstModels;

namespace CpfPipeline.Trainer.Setup;

/// <summary>Stores the first model on a backbone: its files as blobs, the rest as rows.</summary>
internal static class FirstModelStorage
{
    /// <summary>As it is registered.</summary>
    public static NewModel ToNewModel(this FirstModelFiles model) => new(
        model.Backbone.Sha256.ToArray(), model.Backbone.Spec.FeatureDim, InputSpecJson.Of(model.Backbone.Spec.Input),
        model.Head.Sha256.ToArray(), model.Head.Spec.EmbeddingDim, model.Threshold, model.ReportJson);

    /// <summary>Puts both files where every service finds them.</summary>
    public static async Task WriteAsync(this FirstModelFiles model, IBlobStore blobs, CancellationToken cancellationToken)
    {
        await blobs.WriteAsync(model.Backbone.Sha256, model.Backbone.Bytes, cancellationToken);
        await blobs.WriteAsync(model.Head.Sha256, model.Head.Bytes, cancellationToken);
    }
}
