using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>The best weights of a run.</summary>
public sealed record FullTrainingResult
{
    /// <summary>An ONNX file: the graph that was given with other weights, its metadata with a longer provenance.</summary>
    public required byte[] Backbone { get; init; }

    /// <summary><c>[F,D]</c>, row after row: embedding = unit(unit(feature) @ Projection).</summary>
    public required float[] Projection { get; init; }

    /// <summary>D.</summary>
    public required int EmbeddingDim { get; init; }

    public required IReadOnlyList<LossPoint> History { get; init; }

    /// <summary>Largest pairwise F1 at one threshold on validation, of the weights above.</summary>
    public required double BestValidationF1 { get; init; }

    /// <summary>The step of the weights above; 0: no training made the start better.</summary>
    public required int BestStep { get; init; }

    /// <summary>What it ran on.</summary>
    public required string Device { get; init; }

    /// <summary>SHA-256 over contents and classes of all pictures, hexadecimal.</summary>
    public required string DataHash { get; init; }

    /// <summary>Training pictures that cannot be read, by their index.</summary>
    public required IReadOnlyList<RefusedPicture> Refused { get; init; }
}
