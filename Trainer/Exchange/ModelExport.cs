using System.Text;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.ModelFolders;

namespace CpfPipeline.Trainer.Exchange;

/// <summary>The files of a model that is there, as a model folder has them.</summary>
internal sealed class ModelExport(ModelStore models, IBlobStore blobs)
{
    /// <param name="modelId">The model.</param>
    /// <param name="name">backbone.onnx, head.onnx or report.json.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The file; null: there is no such model or file.</returns>
    public async Task<byte[]?> ReadAsync(long modelId, string name, CancellationToken cancellationToken)
    {
        if (await models.FindAsync(modelId, cancellationToken) is not { } model)
        {
            return null;
        }

        return name switch
        {
            ModelFolder.BackboneName => await blobs.ReadAsync(model.BackboneSha256, cancellationToken),
            ModelFolder.HeadName => await blobs.ReadAsync(model.HeadSha256, cancellationToken),
            ModelFolder.ReportName =>
                await models.ReadReportAsync(modelId, cancellationToken) is { } report ? Encoding.UTF8.GetBytes(report + "\n") : null,
            _ => null,
        };
    }
}
