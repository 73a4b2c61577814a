using System.Security.Cryptography;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Vision.Models;

/// <summary>
/// A model file: plain ONNX whose <c>metadata_props</c> carry what inference needs. The file is the only definition of a model.
/// </summary>
/// <remarks>
/// Keys of a backbone (pixels <c>[N,3,H,W] float32</c> to feature <c>[N,F] float32</c>):
/// <list type="table">
/// <item><term>cpf.kind</term><description><c>backbone</c></description></item>
/// <item><term>cpf.input_size</term><description>pixels, <c>224</c> or <c>HxW</c></description></item>
/// <item><term>cpf.resize</term><description><c>squash</c> or <c>shorter-side</c></description></item>
/// <item><term>cpf.resize_edge</term><description>pixels of the shorter side before the centre is cut out; may be
/// missing</description></item>
/// <item><term>cpf.kernel</term><description><c>fast</c> (also when missing), <c>nearest</c>, <c>bilinear</c>, <c>bicubic</c>,
/// <c>lanczos</c></description></item>
/// <item><term>cpf.divisor</term><description>what 0..255 is divided by; 255 when missing</description></item>
/// <item><term>cpf.mean, cpf.std</term><description>three numbers each, R,G,B after the division, comma between</description></item>
/// <item><term>cpf.channels</term><description><c>rgb</c> or <c>bgr</c></description></item>
/// <item><term>cpf.feature</term><description>name of the graph's output that is the feature</description></item>
/// <item><term>cpf.feature_dim</term><description>F</description></item>
/// <item><term>cpf.provenance</term><description>where the file comes from, for a person</description></item>
/// <item><term>cpf.licence</term><description>of the weights, as their author names it; may be missing</description></item>
/// </list>
/// Keys of a head (feature <c>[N,F] float32</c> to embedding <c>[N,D] float32</c>, L2-normalised): <c>cpf.kind</c> = <c>head</c>,
/// <c>cpf.feature_dim</c>, <c>cpf.embedding_dim</c>, <c>cpf.provenance</c>.
/// </remarks>
public static class ModelFile
{
    public const string KindKey = "cpf.kind";
    public const string InputSizeKey = "cpf.input_size";
    public const string ResizeKey = "cpf.resize";
    public const string ResizeEdgeKey = "cpf.resize_edge";
    public const string KernelKey = "cpf.kernel";
    public const string DivisorKey = "cpf.divisor";
    public const string MeanKey = "cpf.mean";
    public const string StdKey = "cpf.std";
    public const string ChannelsKey = "cpf.channels";
    public const string FeatureKey = "cpf.feature";
    public const string FeatureDimKey = "cpf.feature_dim";
    public const string EmbeddingDimKey = "cpf.embedding_dim";
    public const string ProvenanceKey = "cpf.provenance";
    public const string LicenceKey = "cpf.licence";

    public const string BackboneKind = "backbone";
    public const string HeadKind = "head";

    // Where these are missing a default holds.
    private static readonly string[] OptionalInputKeys = [ResizeEdgeKey, KernelKey, DivisorKey];

    /// <summary>The file's metadata, key to value; the last of equal keys counts.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(ModelProto model)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in model.MetadataProps)
        {
            result[entry.Key] = entry.Value;
        }

        return result;
    }

    /// <summary>Sets all that a backbone says about itself, in place of what the file said before; keeps other keys.</summary>
    public static void WriteMetadata(ModelProto model, BackboneSpec spec)
    {
        foreach (var key in OptionalInputKeys)
        {
            Remove(model, key);
        }

        WriteMetadata(model, spec.ToMetadata());
    }

    /// <summary>Sets keys, keeps all others.</summary>
    public static void WriteMetadata(ModelProto model, IEnumerable<KeyValuePair<string, string>> values)
    {
        foreach (var (key, value) in values)
        {
            Remove(model, key);
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }
    }

    /// <summary>Parses a file as ONNX.</summary>
    /// <exception cref="ModelFileException">It is not ONNX, or its weights lie in other files.</exception>
    public static ModelProto Parse(ReadOnlySpan<byte> bytes, string name)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelFileException($"{name} is not an ONNX file", e);
        }

        if (model.Graph is null || model.Graph.Node.Count == 0)
        {
            throw new ModelFileException($"{name} is not an ONNX file: it holds no graph");
        }

        if (model.Graph.Initializer.Any(t => t.DataLocation == TensorProto.Types.DataLocation.External))
        {
            throw new ModelFileException($"{name} keeps weights in other files; save it as one file");
        }

        return model;
    }

    /// <summary>Reads and parses a file.</summary>
    public static (ModelProto Model, byte[] Bytes) Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException($"cannot read {path}: {e.Message}", e);
        }

        return (Parse(bytes, path), bytes);
    }

    /// <summary>SHA-256 of the file's bytes, its identity.</summary>
    public static byte[] Sha256(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes);

    private static void Remove(ModelProto model, string key)
    {
        for (var i = model.MetadataProps.Count - 1; i >= 0; i--)
        {
            if (model.MetadataProps[i].Key == key)
            {
                model.MetadataProps.RemoveAt(i);
            }
        }
    }
}
