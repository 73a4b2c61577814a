using System.Runtime.InteropServices;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Tests.Benchmarks.Models;

/// <summary>Backbones and heads to measure with; what they see does not matter, what they cost does.</summary>
internal sealed record BenchModel(BackboneFile Backbone, HeadFile Head)
{
    /// <summary>Values of an embedding, as a trained head has them.</summary>
    public const int EmbeddingDim = 256;

    private const string Provenance = "made for a benchmark";

    /// <summary>A given network at 224 px with ImageNet's normalisation, and a head that projects its feature at random.</summary>
    public static BenchModel Of(string onnxFile)
    {
        var (model, _) = ModelFile.Read(onnxFile);
        var feature = model.Graph.Output.Single(o => o.Name == "features");
        var dim = (int)feature.Type.TensorType.Shape.Dim[1].DimValue;
        var input = new InputSpec(224, 224, ResizeRule.Squash, [.485f, .456f, .406f], [.229f, .224f, .225f]);
        ModelFile.WriteMetadata(model, new BackboneSpec(input, model.Graph.Input[0].Name, feature.Name, dim, Provenance).ToMetadata());
        return new BenchModel(BackboneFile.Load(model.ToByteArray(), onnxFile), RandomHead(dim));
    }

    /// <summary>A backbone whose feature is the pixels themselves, for pictures of side x side.</summary>
    public static BenchModel Pixels(int side)
    {
        var dim = 3 * side * side;
        var graph = new GraphProto
        {
            Name = "pixels",
            Node = { new NodeProto { OpType = "Flatten", Input = { "pixels" }, Output = { "features" } } },
            Input = { Value("pixels", 3, side, side) },
            Output = { Value("features", dim) },
        };
        var input = new InputSpec(side, side, ResizeRule.Squash, [.5f, .5f, .5f], [.5f, .5f, .5f]);
        var file = ToBytes(graph, new BackboneSpec(input, "pixels", "features", dim, Provenance).ToMetadata());
        return new BenchModel(BackboneFile.Load(file, "pixels"), RandomHead(dim));
    }

    /// <summary>Puts the files into the blob store and makes the model the active one; returns its ids.</summary>
    public async Task<(long ModelId, long HeadId)> RegisterAsync(
        ModelStore models, IBlobStore blobs, double threshold, CancellationToken cancellationToken)
    {
        await blobs.WriteAsync(Backbone.Sha256, Backbone.Bytes, cancellationToken);
        await blobs.WriteAsync(Head.Sha256, Head.Bytes, cancellationToken);
        var registered = (ModelId: 0L, HeadId: 0L);
        await models.RegisterActiveAsync(
            new NewModel(Backbone.Sha256.ToArray(), Backbone.Spec.FeatureDim, "{}", Head.Sha256.ToArray(), EmbeddingDim, threshold, "{}"),
            (model, head) =>
            {
                registered = (model, head);
                return [];
            },
            cancellationToken);
        return registered;
    }

    // A random projection keeps angles (Johnson and Lindenstrauss), so copies stay near and strangers far.
    private static HeadFile RandomHead(int featureDim)
    {
        var random = new Random(1);
        var weights = new float[featureDim * EmbeddingDim];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble()) - 1.5);
        }

        var graph = new GraphProto
        {
            Name = "projection",
            Initializer =
            {
                new TensorProto
                {
                    Name = "weights", DataType = (int)TensorProto.Types.DataType.Float, Dims = { featureDim, EmbeddingDim },
                    RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(weights)),
                },
            },
            Node =
            {
                new NodeProto { OpType = "MatMul", Input = { "feature", "weights" }, Output = { "projected" } },
                new NodeProto
                {
                    OpType = "LpNormalization", Input = { "projected" }, Output = { "embedding" },
                    Attribute =
                    {
                        new AttributeProto { Name = "axis", I = 1, Type = AttributeProto.Types.AttributeType.Int },
                        new AttributeProto { Name = "p", I = 2, Type = AttributeProto.Types.AttributeType.Int },
                    },
                },
            },
            Input = { Value("feature", featureDim) },
            Output = { Value("embedding", EmbeddingDim) },
        };
        var file = ToBytes(graph, new HeadSpec("feature", "embedding", featureDim, EmbeddingDim, Provenance).ToMetadata());
        return HeadFile.Load(file, "projection");
    }

    private static byte[] ToBytes(GraphProto graph, IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ModelProto { IrVersion = 7, Graph = graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 13 } } };
        ModelFile.WriteMetadata(model, metadata);
        return model.ToByteArray();
    }

    private static ValueInfoProto Value(string name, params int[] dims)
    {
        var shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" } } };
        shape.Dim.AddRange(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape },
            },
        };
    }
}
