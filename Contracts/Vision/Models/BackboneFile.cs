using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Vision.Models;

/// <summary>A backbone's bytes and their checked metadata.</summary>
public sealed class BackboneFile
{
    private BackboneFile(byte[] bytes, BackboneSpec spec)
    {
        Bytes = bytes;
        Spec = spec;
        Sha256 = ModelFile.Sha256(bytes);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public BackboneSpec Spec { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/>, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Sha256 { get; }

    /// <exception cref="ModelFileException">Unreadable, not ONNX, metadata missing or malformed, or the graph does not fit it.</exception>
    public static BackboneFile Load(string path)
    {
        var (model, bytes) = ModelFile.Read(path);
        return Check(model, bytes, path);
    }

    /// <inheritdoc cref="Load(string)"/>
    /// <param name="bytes">The file; not copied, so leave it alone afterwards.</param>
    /// <param name="name">The file's name in messages.</param>
    public static BackboneFile Load(byte[] bytes, string name) => Check(ModelFile.Parse(bytes, name), bytes, name);

    private static BackboneFile Check(ModelProto model, byte[] bytes, string name)
    {
        var metadata = new ModelMetadata(model, name);
        metadata.OneOf(ModelFile.KindKey, ModelFile.BackboneKind);
        var (height, width) = metadata.Size(ModelFile.InputSizeKey);
        var resize = metadata.OneOf(ModelFile.ResizeKey, "squash", "shorter-side");
        var mean = metadata.Triple(ModelFile.MeanKey, aboveZero: false);
        var std = metadata.Triple(ModelFile.StdKey, aboveZero: true);
        var channels = metadata.OneOf(ModelFile.ChannelsKey, "rgb", "bgr");
        var edge = metadata.Edge(ModelFile.ResizeEdgeKey, resize, Math.Max(height, width));
        var kernel = metadata.Has(ModelFile.KernelKey)
            ? metadata.OneOf(ModelFile.KernelKey, [.. Enum.GetNames<ResizeKernel>().Select(n => n.ToLowerInvariant())]) : "fast";
        var divisor = metadata.Has(ModelFile.DivisorKey) ? metadata.Positive(ModelFile.DivisorKey) : InputSpec.ByteRange;
        var feature = metadata.Text(ModelFile.FeatureKey);
        var dim = metadata.Count(ModelFile.FeatureDimKey);
        var provenance = metadata.Text(ModelFile.ProvenanceKey);
        metadata.ThrowIfBad(ModelFile.BackboneKind);

        var input = GraphCheck.PixelInput(model, name, height, width);
        GraphCheck.FloatOutput(model, name, feature, dim, halfToo: true);
        var spec = new InputSpec(height, width, resize == "squash" ? ResizeRule.Squash : ResizeRule.ShorterSide, mean, std)
        {
            Edge = edge,
            Kernel = Enum.Parse<ResizeKernel>(kernel, ignoreCase: true),
            Divisor = divisor,
            Channels = Enum.Parse<ChannelOrder>(channels, ignoreCase: true),
        };
        return new BackboneFile(bytes, new BackboneSpec(spec, input, feature, dim, provenance));
    }
}
