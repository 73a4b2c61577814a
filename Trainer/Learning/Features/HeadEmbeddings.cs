using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Features;

/// <summary>Embeddings of pictures, computed as the pipeline computes and stores them.</summary>
/// <param name="Matrix">One row a picture that has an embedding; its content id is the picture's index.</param>
/// <param name="Refused">Pictures of <see cref="PictureFeatures.Usable"/> that the head has no embedding for.</param>
public sealed record HeadEmbeddings(EmbeddingMatrix Matrix, IReadOnlyList<RefusedPicture> Refused)
{
    /// <exception cref="ModelFileException">
    /// The head wants features of another dimension, or its embeddings are not of about unit length.
    /// </exception>
    public static HeadEmbeddings Compute(HeadSession session, PictureFeatures features, CancellationToken cancellationToken = default)
    {
        var (f, d) = (session.Spec.FeatureDim, session.Spec.EmbeddingDim);
        if (f != features.Dimension)
        {
            throw new ModelFileException(
                $"the head takes features of {f} values, the backbone gives {features.Dimension}: they do not belong together");
        }

        var (embeddings, reasons) = ParallelHead.Embed(session, features.Values, cancellationToken);
        var (matrix, refused) = (new EmbeddingMatrix(d, features.Usable.Count), new List<RefusedPicture>());
        foreach (var picture in features.Usable)
        {
            if (reasons[picture] is { } reason)
            {
                refused.Add(new RefusedPicture(picture, reason, "the head gives nothing usable for it"));
                continue;
            }

            try
            {
                matrix.Add(picture, embeddings.AsSpan(picture * d, d));
            }
            catch (ArgumentException e)
            {
                throw new ModelFileException($"the head's embeddings cannot be compared: {e.Message}", e);
            }
        }

        return new HeadEmbeddings(matrix, refused);
    }
}
