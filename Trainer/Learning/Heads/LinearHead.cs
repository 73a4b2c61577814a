using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>
/// A head: feature, optionally its signed square root, to unit length, mean removed, projected, to unit length. One definition for training
/// and for the ONNX file that serves.
/// </summary>
/// <param name="SquareRoot">
/// Takes <c>sign(x) sqrt(|x|)</c> first: pooled activations are skewed, and a few large ones would dominate (Arandjelovic and Zisserman,
/// CVPR 2012).
/// </param>
/// <param name="Mean"><c>[F]</c>, of prepared features of unit length.</param>
/// <param name="Projection"><c>[F,D]</c>, row after row.</param>
public sealed record LinearHead(bool SquareRoot, float[] Mean, float[] Projection)
{
    private const float MinNorm = 1e-6f;

    /// <summary>
    /// Orthonormal columns <c>[F,R]</c>, row after row, within whose span the projection lies and stays while it is trained; null:
    /// anywhere.
    /// </summary>
    public float[]? Directions { get; init; }

    public int FeatureDim => Mean.Length;

    public int EmbeddingDim => Projection.Length / Mean.Length;

    /// <summary>What the projection is applied to.</summary>
    /// <param name="features"><c>[N,F]</c>, any floating type; computed in float32 unless it is float64.</param>
    public Tensor Prepare(Tensor features)
    {
        using var scope = NewDisposeScope();
        return (
            Units(features, SquareRoot) - tensor(Mean).to(features.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32))
            .MoveToOuterDisposeScope();
    }

    /// <summary>Features <c>[N,F]</c> to embeddings <c>[N,D] float32</c> of unit length.</summary>
    public Tensor Embed(Tensor features)
    {
        using var scope = NewDisposeScope();
        return Unit(Prepare(features).mm(tensor(Projection, [FeatureDim, EmbeddingDim]))).MoveToOuterDisposeScope();
    }

    /// <summary>Square root where wanted, then unit length: the part before the mean is known.</summary>
    public static Tensor Units(Tensor features, bool squareRoot)
    {
        using var scope = NewDisposeScope();
        var x = features.dtype == ScalarType.Float64 ? features : features.to(ScalarType.Float32);
        return Unit(squareRoot ? x.sign() * x.abs().sqrt() : x).MoveToOuterDisposeScope();
    }

    /// <summary>The file, with its metadata.</summary>
    /// <param name="provenance">Where it comes from, for a person.</param>
    public byte[] ToOnnx(string provenance)
    {
        var g = new GraphWriter("projection_head");
        g.Output(Write(g, g.Input("feature", null, FeatureDim)), "embedding", null, EmbeddingDim);
        return g.ToBytes(new HeadSpec("feature", "embedding", FeatureDim, EmbeddingDim, provenance).ToMetadata());
    }

    /// <summary>The nodes of the head.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="feature">Its value that is the feature.</param>
    /// <returns>The value that is the embedding.</returns>
    internal string Write(GraphWriter g, string feature)
    {
        var x = SquareRoot ? g.Node("Mul", [g.Node("Sign", feature), g.Node("Sqrt", g.Node("Abs", feature))]) : feature;
        var centred = g.Node("Sub", [g.Normalise(x, 1), g.Constant(Mean, FeatureDim)]);
        return g.Normalise(g.Node("MatMul", [centred, g.Constant(Projection, FeatureDim, EmbeddingDim)]), 1);
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true, p: 2f).clamp(min: MinNorm);
}
