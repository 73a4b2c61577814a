using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Heads;

/// <summary>A trained projection as a head: embedding = unit(unit(feature) @ projection).</summary>
public static class ProjectionHead
{
    /// <param name="projection"><c>[F,D]</c>, row after row.</param>
    /// <param name="embeddingDim">D.</param>
    /// <param name="provenance">Where it comes from, for a person.</param>
    public static byte[] Write(float[] projection, int embeddingDim, string provenance)
    {
        var featureDim = projection.Length / embeddingDim;
        var g = new GraphWriter("projection_head");
        var unit = g.Normalise(g.Input("feature", null, featureDim), 1);
        var projected = g.Node("MatMul", [unit, g.Constant(projection, featureDim, embeddingDim)]);
        g.Output(g.Normalise(projected, 1), "embedding", null, embeddingDim);
        return g.ToBytes(new HeadSpec("feature", "embedding", featureDim, embeddingDim, provenance).ToMetadata());
    }
}
