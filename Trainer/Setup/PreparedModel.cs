using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Setup;

/// <summary>A model that is ready to be registered.</summary>
/// <param name="Backbone">The backbone.</param>
/// <param name="Head">The head.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="ReportJson">How tau was found, as JSON.</param>
internal sealed record PreparedModel(BackboneFile Backbone, HeadFile Head, double Threshold, string ReportJson)
{
    /// <summary>As it is registered.</summary>
    public NewModel ToNewModel() => new(
        Backbone.Sha256.ToArray(), Backbone.Spec.FeatureDim, InputSpecJson.Of(Backbone.Spec.Input), Head.Sha256.ToArray(), Head.Spec.EmbeddingDim, Threshold, ReportJson);

    /// <summary>Puts both files where every service finds them.</summary>
    public async Task WriteAsync(IBlobStore blobs, CancellationToken cancellationToken)
    {
        await blobs.WriteAsync(Backbone.Sha256, Backbone.Bytes, cancellationToken);
        await blobs.WriteAsync(Head.Sha256, Head.Bytes, cancellationToken);
    }
}
