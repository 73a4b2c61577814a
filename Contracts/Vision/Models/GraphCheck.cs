using System.Globalization;
using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Vision.Models;

/// <summary>Checks a graph's inputs and outputs against what its metadata promises; unknown (symbolic) dimensions pass.</summary>
internal static class GraphCheck
{
    /// <summary>The graph's only input that is no initialiser: <c>[N,3,H,W] float32</c> or float16. Returns its name.</summary>
    public static string PixelInput(ModelProto model, string name, int? height = null, int? width = null)
    {
        var input = OnlyInput(model, name);
        var shape = Shape(input);
        if (!IsFloat(input, halfToo: true) || shape is not { Length: 4 } || !Fits(shape[1], 3))
        {
            throw new ModelFileException($"{name}: input {input.Name} is {Describe(input)}, not [N,3,H,W] float32 or float16");
        }

        if (!Fits(shape[2], height) || !Fits(shape[3], width))
        {
            throw new ModelFileException($"{name}: input {input.Name} is {Describe(input)}, which does not take {height}x{width} pixels");
        }

        return IsDynamicBatch(shape[0])
            ? input.Name
            : throw new ModelFileException(
                $"{name}: input {input.Name} is {Describe(input)}; its batch size is fixed, export it with a dynamic one");
    }

    /// <summary>The graph's only input, which must be <c>[N,F] float32</c>. Returns its name.</summary>
    public static string FeatureInput(ModelProto model, string name, int featureDim)
    {
        var input = OnlyInput(model, name);
        var shape = Shape(input);
        return IsFloat(input, halfToo: false) && shape is { Length: 2 }
            && IsDynamicBatch(shape[0]) && Fits(shape[1], featureDim)
            ? input.Name
            : throw new ModelFileException($"{name}: input {input.Name} is {Describe(input)}, not [N,{featureDim}] float32");
    }

    /// <summary>An output of that name, <c>[N,dim] float32</c>; more axes are let in where all after the second are 1.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="name">What to call the file in messages.</param>
    /// <param name="output">The output's name.</param>
    /// <param name="dim">Values a row, where known.</param>
    /// <param name="halfToo">Whether float16 is let in as well.</param>
    public static void FloatOutput(ModelProto model, string name, string output, int? dim = null, bool halfToo = false)
    {
        var found = model.Graph.Output.FirstOrDefault(o => o.Name == output)
            ?? throw new ModelFileException(
                $"{name} has no output {output}; it has {string.Join(", ", model.Graph.Output.Select(o => o.Name))}");
        var shape = Shape(found);
        var right = IsFloat(found, halfToo)
            && (shape is null || (shape.Length >= 2 && Fits(shape[1], dim) && shape.Skip(2).All(d => Fits(d, 1))));
        if (!right)
        {
            throw new ModelFileException(
                $"{name}: output {output} is {Describe(found)}, not [N,{dim?.ToString(CultureInfo.InvariantCulture) ?? "F"}] float32"
                    + (halfToo ? " or float16" : ""));
        }
    }

    private static ValueInfoProto OnlyInput(ModelProto model, string name)
    {
        // Old exporters list weights among the inputs.
        var weights = model.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var inputs = model.Graph.Input.Where(i => !weights.Contains(i.Name)).ToList();
        return inputs.Count == 1
            ? inputs[0]
            : throw new ModelFileException($"{name} has {inputs.Count} inputs, not one");
    }

    private static bool IsDynamicBatch(long? dimension) => dimension is null;

    private static bool Fits(long? actual, int? wanted) => actual is null || wanted is null || actual == wanted;

    private static bool IsFloat(ValueInfoProto value, bool halfToo) =>
        ElementType(value) == (int)TensorProto.Types.DataType.Float
            || (halfToo && ElementType(value) == (int)TensorProto.Types.DataType.Float16);

    private static int ElementType(ValueInfoProto value) => value.Type?.TensorType?.ElemType ?? 0;

    private static long?[]? Shape(ValueInfoProto value) =>
        value.Type?.TensorType?.Shape?.Dim
            .Select(d =>
                d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && d.DimValue > 0 ? d.DimValue : (long?)null)
            .ToArray();

    private static string Describe(ValueInfoProto value)
    {
        var type = Enum.IsDefined((TensorProto.Types.DataType)ElementType(value))
            ? ((TensorProto.Types.DataType)ElementType(value)).ToString().ToLowerInvariant()
            : "unknown";
        var shape = Shape(value);
        return shape is null
            ? $"{type} of unknown shape"
            : $"[{string.Join(',', shape.Select(d => d?.ToString(CultureInfo.InvariantCulture) ?? "?"))}] "
                + (type == "float" ? "float32" : type);
    }
}
