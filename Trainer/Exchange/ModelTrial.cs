using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Trainer.Exchange;

/// <summary>Runs a model once as services do. What fails here would stop the Embedder.</summary>
internal static class ModelTrial
{
    // Half-precision vectors of pgvector: as columns, and as far as an index takes them.
    private const int MaxFeatureDim = 16_000;
    private const int MaxEmbeddingDim = 4_000;

    private const int Pictures = 2;

    // Half-precision rounding moves the squared length of a unit vector by less than 0.002.
    private const double MaxDeviation = .01;

    /// <exception cref="ModelFileException">It cannot serve; the message says why.</exception>
    public static void Run(ModelFolder model)
    {
        var (f, d) = (model.Backbone.Spec.FeatureDim, model.Head.Spec.EmbeddingDim);
        if (f > MaxFeatureDim || d > MaxEmbeddingDim)
        {
            throw new ModelFileException(
                $"features of {f} and embeddings of {d} values are too long: at most {MaxFeatureDim} and {MaxEmbeddingDim} can be stored");
        }

        if (model.Threshold is not (> -1 and <= 1))
        {
            throw new ModelFileException(FormattableString.Invariant(
                $"{ModelFolder.ReportName}: the threshold {model.Threshold} is no similarity above -1 and up to 1"));
        }

        try
        {
            using var backbone = new BackboneSession(model.Backbone, new SessionSettings());
            using var head = new HeadSession(model.Head, new SessionSettings());
            var (features, embeddings, reasons) = (new Half[Pictures * f], new Half[Pictures * d], new string?[Pictures]);
            backbone.Run(Noise(model.Backbone.Spec.Input), Pictures, features, reasons);
            Check(ModelFolder.BackboneName, "feature", reasons);
            head.Embed(features, Pictures, embeddings, reasons);
            Check(ModelFolder.HeadName, "embedding", reasons);
            for (var i = 0; i < Pictures; i++)
            {
                var squared = Similarity.Exact(embeddings.AsSpan(i * d, d), embeddings.AsSpan(i * d, d));
                if (Math.Abs(squared - 1) > MaxDeviation)
                {
                    throw new ModelFileException(FormattableString.Invariant(
                        $"{ModelFolder.HeadName} gives embeddings of length {Math.Sqrt(squared):0.###}, not 1: they cannot be compared"));
                }
            }
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"the model does not run: {e.Message.Split('\n')[0]}", e);
        }
    }

    private static void Check(string file, string what, string?[] reasons)
    {
        if (reasons.FirstOrDefault(r => r is not null) is { } reason)
        {
            throw new ModelFileException($"{file} gives no usable {what} for a picture: {reason}");
        }
    }

    private static PixelBatch Noise(InputSpec input)
    {
        var (batch, random) = (new PixelBatch(input, Pictures), new Random(1));
        for (var i = 0; i < Pictures; i++)
        {
            foreach (ref var value in batch.Row(i))
            {
                value = (random.NextSingle() * 2) - 1;
            }
        }

        return batch;
    }
}
