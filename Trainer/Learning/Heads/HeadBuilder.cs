using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Heads;

/// <summary>Makes the head of a model that there are too few pictures to fit one for.</summary>
public static class HeadBuilder
{
    /// <summary>Scales features to unit length, nothing else. D = F.</summary>
    public static byte[] Identity(int featureDim)
    {
        var g = new GraphWriter("identity_head");
        var feature = g.Input("feature", null, featureDim);
        g.Output(g.Normalise(feature, 1), "embedding", null, featureDim);
        return g.ToBytes(new HeadSpec("feature", "embedding", featureDim, featureDim, "identity: L2 norm of the feature").ToMetadata());
    }
}
