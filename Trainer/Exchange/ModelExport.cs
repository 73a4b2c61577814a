using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.ModelFolders;

namespace CpfPipeline.Trainer.Exchange;

/// <summary>The files of a model that is there, as a model folder has them.</summary>
internal sealed class ModelExport(ModelStore models, IBlobStore blobs)
{
    /// <summary>Opens a file. It is not read as a whole: readers may be slow and many.</summary>
    /// <param name="modelId">The model.</param>
    /// <param name="name">backbone.onnx, head.onnx or report.json.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The file and the SHA-256 of its bytes; null: there is no such model or file.</returns>
    /// <exception cref="BlobMissingException">The model has it, and the blob store has not.</exception>
    public async Task<(Stream Bytes, byte[] Sha256)?> OpenAsync(long modelId, string name, CancellationToken cancellationToken)
    {
        if (await models.FindAsync(modelId, cancellationToken) is not { } model)
        {
            return null;
        }

        return name switch
        {
            ModelFolder.BackboneName => await BlobAsync(model.BackboneSha256, cancellationToken),
            ModelFolder.HeadName => await BlobAsync(model.HeadSha256, cancellationToken),
            ModelFolder.ReportName => await models.ReadReportAsync(modelId, cancellationToken) is { } report ? Text(report + "\n") : null,
            _ => null,
        };
    }

    private static (Stream, byte[]) Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return (new MemoryStream(bytes, writable: false), SHA256.HashData(bytes));
    }

    private async Task<(Stream, byte[])> BlobAsync(byte[] sha256, CancellationToken cancellationToken) =>
        (await blobs.OpenAsync(sha256, null, cancellationToken)
            ?? throw new BlobMissingException("The blob store has no such file."), sha256);
}
