using System.Globalization;

namespace CpfPipeline.Vision.Models;

/// <summary>What a backbone file says about itself.</summary>
/// <param name="Input">Size, resize rule and normalisation of its pixels.</param>
/// <param name="InputName">Name of the graph's pixel input, <c>[N,3,H,W] float32</c>.</param>
/// <param name="FeatureName">Name of the graph's output that is the feature, <c>[N,F] float32</c>.</param>
/// <param name="FeatureDim">F.</param>
/// <param name="Provenance">Where the file comes from, for a person.</param>
public sealed record BackboneSpec(InputSpec Input, string InputName, string FeatureName, int FeatureDim, string Provenance)
{
    /// <summary>The metadata that says this.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        var metadata = new Dictionary<string, string>
        {
            [ModelFile.KindKey] = ModelFile.BackboneKind,
            [ModelFile.InputSizeKey] = Input.SizeText,
            [ModelFile.ResizeKey] = Input.ResizeText,
            [ModelFile.MeanKey] = Join(Input.Mean),
            [ModelFile.StdKey] = Join(Input.Std),
            [ModelFile.ChannelsKey] = Input.ChannelsText,
            [ModelFile.FeatureKey] = FeatureName,
            [ModelFile.FeatureDimKey] = FeatureDim.ToString(CultureInfo.InvariantCulture),
            [ModelFile.ProvenanceKey] = Provenance,
        };

        // Left out where they say nothing: files that do not need them stay as they were to the byte.
        if (Input.Edge is { } edge)
        {
            metadata[ModelFile.ResizeEdgeKey] = edge.ToString(CultureInfo.InvariantCulture);
        }

        if (Input.Kernel != ResizeKernel.Fast)
        {
            metadata[ModelFile.KernelKey] = Input.KernelText;
        }

        if (!Input.Divisor.Equals(InputSpec.ByteRange))
        {
            metadata[ModelFile.DivisorKey] = Input.Divisor.ToString("R", CultureInfo.InvariantCulture);
        }

        return metadata;
    }

    private static string Join(IEnumerable<float> values) =>
        string.Join(',', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture)));
}
