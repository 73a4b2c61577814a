using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Vision.Models;

/// <summary>A head's bytes and their checked metadata.</summary>
public sealed class HeadFile
{
    private HeadFile(byte[] bytes, HeadSpec spec)
    {
        Bytes = bytes;
        Spec = spec;
        Sha256 = ModelFile.Sha256(bytes);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public HeadSpec Spec { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/>, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; }

    /// <exception cref="ModelFileException">Unreadable, not ONNX, metadata missing or malformed, or the graph does not fit it.</exception>
    public static HeadFile Load(string path)
    {
        var (model, bytes) = ModelFile.Read(path);
        return Check(model, bytes, path);
    }

    /// <inheritdoc cref="Load(string)"/>
    /// <param name="bytes">The file; not copied, so leave it alone afterwards.</param>
    /// <param name="name">The file's name in messages.</param>
    public static HeadFile Load(byte[] bytes, string name) => Check(ModelFile.Parse(bytes, name), bytes, name);

    private static HeadFile Check(ModelProto model, byte[] bytes, string name)
    {
        var metadata = new ModelMetadata(model, name);
        metadata.OneOf(ModelFile.KindKey, ModelFile.HeadKind);
        var featureDim = metadata.Count(ModelFile.FeatureDimKey);
        var embeddingDim = metadata.Count(ModelFile.EmbeddingDimKey);
        var provenance = metadata.Text(ModelFile.ProvenanceKey);
        metadata.ThrowIfBad(ModelFile.HeadKind);

        var input = GraphCheck.FeatureInput(model, name, featureDim);
        if (model.Graph.Output.Count != 1)
        {
            throw new ModelFileException($"{name} is no usable head: it has {model.Graph.Output.Count} outputs, not one");
        }

        var output = model.Graph.Output[0].Name;
        GraphCheck.FloatOutput(model, name, output, embeddingDim);
        return new HeadFile(bytes, new HeadSpec(input, output, featureDim, embeddingDim, provenance));
    }
}
