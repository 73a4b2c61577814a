using System.Runtime.InteropServices;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

/// <summary>A small graph from <c>x</c> to <c>y</c> of any operator set, with random weights.</summary>
internal sealed class TestGraph
{
    private readonly Random _random;

    public TestGraph(long opset, int seed = 1)
    {
        _random = new Random(seed);
        Model = new ModelProto
        {
            IrVersion = 8,
            ProducerName = "test",
            Graph = new GraphProto { Name = "test" },
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
        };
        Model.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = FloatType() });
        Model.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = FloatType() });
    }

    public ModelProto Model { get; }

    /// <summary>Dimensions of the input.</summary>
    public long[] Dims { get; set; } = [2, 4, 7, 9];

    /// <summary>An initialiser of values between -1 and 1, or between 0.5 and 1.5.</summary>
    public string Weights(string name, bool positive, params long[] dims)
    {
        var values = Random(dims.Aggregate(1L, (a, b) => a * b)).Select(v => positive ? 1 + (v / 2) : v).ToArray();
        return Floats(name, values, dims);
    }

    public string Floats(string name, float[] values, params long[] dims)
    {
        Model.Graph.Initializer.Add(new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Float,
            Dims = { dims },
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        });
        return name;
    }

    public string Integers(string name, params long[] values)
    {
        Model.Graph.Initializer.Add(new TensorProto
        {
            Name = name, DataType = (int)TensorProto.Types.DataType.Int64, Dims = { values.Length }, Int64Data = { values },
        });
        return name;
    }

    /// <summary>A node called as its first output; inputs and outputs with spaces between, <c>-</c> for one left out.</summary>
    public TestGraph Node(string op, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = outputs.Split(' ')[0] };
        node.Input.AddRange(Names(inputs));
        node.Output.AddRange(Names(outputs));
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        Model.Graph.Node.Add(node);
        return this;
    }

    public OnnxModule Load(BatchNormMode mode = BatchNormMode.Frozen, ScalarType type = ScalarType.Float32) =>
        OnnxModule.Load(Model, "test.onnx", "x", "y", CPU, mode, type);

    public float[] Random(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => (_random.NextSingle() * 2) - 1)];

    public float[] RandomInput() => Random(Dims.Aggregate(1L, (a, b) => a * b));

    /// <summary>What ONNX Runtime makes of an input.</summary>
    public static float[] Reference(byte[] model, float[] input, long[] dims)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(model, options);
        using var value = OrtValue.CreateTensorValueFromMemory(input, dims);
        using var run = new RunOptions();
        using var outputs = session.Run(run, [session.InputNames[0]], [value], [session.OutputNames[0]]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    /// <summary>What a module makes of it, without gradients.</summary>
    public static float[] Values(OnnxModule module, float[] input, long[] dims)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return module.Forward(tensor(input, dims)).contiguous().data<float>().ToArray();
    }

    /// <summary>Largest difference as a share of the largest value.</summary>
    public static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Max(Math.Abs);
        Assert.True(largest > 0, "the reference is all zeros");
        Assert.InRange(expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() / largest, 0, tolerance);
    }

    public static AttributeProto Attribute(string name, object value) => value switch
    {
        int i => new AttributeProto { Name = name, I = i, Type = AttributeProto.Types.AttributeType.Int },
        int[] ints => new AttributeProto { Name = name, Ints = { ints.Select(i => (long)i) }, Type = AttributeProto.Types.AttributeType.Ints },
        float f => new AttributeProto { Name = name, F = f, Type = AttributeProto.Types.AttributeType.Float },
        float[] floats => new AttributeProto { Name = name, Floats = { floats }, Type = AttributeProto.Types.AttributeType.Floats },
        string s => new AttributeProto { Name = name, S = ByteString.CopyFromUtf8(s), Type = AttributeProto.Types.AttributeType.String },
        TensorProto t => new AttributeProto { Name = name, T = t, Type = AttributeProto.Types.AttributeType.Tensor },
        _ => throw new ArgumentException(name, nameof(value)),
    };

    private static IEnumerable<string> Names(string names) => names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => n == "-" ? "" : n);

    private static TypeProto FloatType() =>
        new() { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float } };
}
