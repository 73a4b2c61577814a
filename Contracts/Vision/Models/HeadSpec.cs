using System.Globalization;

namespace CpfPipeline.Vision.Models;

/// <summary>What a head file says about itself.</summary>
/// <param name="InputName">Name of the graph's input, feature <c>[N,F] float32</c>.</param>
/// <param name="OutputName">Name of the graph's output, embedding <c>[N,D] float32</c>, L2-normalised.</param>
/// <param name="FeatureDim">F.</param>
/// <param name="EmbeddingDim">D.</param>
/// <param name="Provenance">Where the file comes from, for a person.</param>
public sealed record HeadSpec(string InputName, string OutputName, int FeatureDim, int EmbeddingDim, string Provenance)
{
    /// <summary>The metadata that says this.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata() => new Dictionary<string, string>
    {
        [ModelFile.KindKey] = ModelFile.HeadKind,
        [ModelFile.FeatureDimKey] = FeatureDim.ToString(CultureInfo.InvariantCulture),
        [ModelFile.EmbeddingDimKey] = EmbeddingDim.ToString(CultureInfo.InvariantCulture),
        [ModelFile.ProvenanceKey] = Provenance,
    };
}
