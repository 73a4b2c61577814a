using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Tests.Integration.Embedder.Samples;

/// <summary>Networks of a few operations: a 4 x 4 grid of mean colours, and a seeded projection of it.</summary>
internal static class TinyModels
{
    public const int Side = 32;
    public const int FeatureDim = 48;
    public const int EmbeddingDim = 8;

    /// <param name="scale">Factor on the feature: another factor is another backbone.</param>
    public static byte[] Backbone(float scale = 1)
    {
        var graph = new GraphProto { Name = "grid" };
        graph.Input.Add(Value("pixels", null, 3, Side, Side));
        graph.Output.Add(Value("feature", null, FeatureDim));
        graph.Initializer.Add(Floats("scale", [scale], 1));
        var pool = Node("AveragePool", ["pixels"], "pooled");
        pool.Attribute.Add(Ints("kernel_shape", 8, 8));
        pool.Attribute.Add(Ints("strides", 8, 8));
        graph.Node.Add(pool);
        graph.Node.Add(Node("Flatten", ["pooled"], "flat"));
        graph.Node.Add(Node("Mul", ["flat", "scale"], "feature"));
        var spec = new BackboneSpec(
            new InputSpec(Side, Side, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]), "pixels", "feature", FeatureDim, "made for a test");
        return Bytes(graph, spec.ToMetadata());
    }

    /// <param name="seed">Another seed is another head.</param>
    /// <param name="featureDim">Values of the feature it takes.</param>
    /// <param name="scale">Length of its embeddings; only 1 is right.</param>
    public static byte[] Head(int seed = 1, int featureDim = FeatureDim, float scale = 1)
    {
        var random = new Random(seed);
        var graph = new GraphProto { Name = "projection" };
        graph.Input.Add(Value("feature", null, featureDim));
        graph.Output.Add(Value("embedding", null, EmbeddingDim));
        graph.Initializer.Add(Floats(
            "w", [.. Enumerable.Range(0, featureDim * EmbeddingDim).Select(_ => random.NextSingle() - 0.5f)], featureDim, EmbeddingDim));
        graph.Node.Add(Node("MatMul", ["feature", "w"], "projected"));
        var normalise = Node("LpNormalization", ["projected"], scale == 1 ? "embedding" : "unit");
        normalise.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        normalise.Attribute.Add(new AttributeProto { Name = "p", Type = AttributeProto.Types.AttributeType.Int, I = 2 });
        graph.Node.Add(normalise);
        if (scale != 1)
        {
            graph.Initializer.Add(Floats("scale", [scale], 1));
            graph.Node.Add(Node("Mul", ["unit", "scale"], "embedding"));
        }

        return Bytes(graph, new HeadSpec("feature", "embedding", featureDim, EmbeddingDim, "made for a test").ToMetadata());
    }

    /// <summary>Puts both files into the blob store and makes the model the active one.</summary>
    public static async Task<ServingModel> ActivateAsync(ModelStore models, IBlobStore blobs, byte[] backbone, byte[] head)
    {
        var (backboneFile, headFile) = (BackboneFile.Load(backbone, "backbone"), HeadFile.Load(head, "head"));
        await blobs.WriteAsync(backboneFile.Sha256, backbone, default);
        await blobs.WriteAsync(headFile.Sha256, head, default);
        await models.RegisterActiveAsync(
            new NewModel(backboneFile.Sha256.ToArray(), FeatureDim, "{}", headFile.Sha256.ToArray(), EmbeddingDim, 0.9, "{}"),
            (_, _) => [], default);
        return (await models.GetActiveAsync(default))!;
    }

    private static byte[] Bytes(GraphProto graph, IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ModelProto { IrVersion = 8, Graph = graph, ProducerName = "tests" };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        ModelFile.WriteMetadata(model, metadata);
        return model.ToByteArray();
    }

    private static NodeProto Node(string type, string[] inputs, string output)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        return node;
    }

    private static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    private static TensorProto Floats(string name, float[] values, params long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float };
        tensor.Dims.AddRange(dims);
        tensor.FloatData.AddRange(values);
        return tensor;
    }

    private static ValueInfoProto Value(string name, params long?[] dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(d => d is { } value
            ? new TensorShapeProto.Types.Dimension { DimValue = value }
            : new TensorShapeProto.Types.Dimension { DimParam = "n" }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float,
                Shape = shape } },
        };
    }
}
