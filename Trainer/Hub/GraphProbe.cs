using CpfPipeline.Vision.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace CpfPipeline.Trainer.Hub;

/// <summary>Runs a graph on two grey pictures to see what it gives out and that it takes batches.</summary>
internal static class GraphProbe
{
    private const int BatchSize = 2;

    /// <summary>The length F of a feature <c>[N,F]</c>; more axes are let in where all after the second are 1.</summary>
    /// <exception cref="ModelFileException">ONNX Runtime refuses the graph, or its output is not one row per picture.</exception>
    public static int FeatureDim(byte[] model, InputSpec input, string inputName, string feature, string name)
    {
        var shape = Run(model, input, inputName, feature, name);
        return shape.Skip(2).All(d => d == 1)
            ? (int)shape[1]
            : throw new ModelFileException(
                $"{name}: output {feature} has the shape [{string.Join(',', shape)}] for {BatchSize} pictures, not [{BatchSize},F]");
    }

    /// <summary>The shape of an output.</summary>
    /// <exception cref="ModelFileException">ONNX Runtime does not take the graph, or not for two pictures.</exception>
    public static IReadOnlyList<long> Run(byte[] model, InputSpec input, string inputName, string feature, string name)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var session = new InferenceSession(model, options);
            long[] pixelShape = [BatchSize, 3, input.Height, input.Width];
            using var pixels = session.InputMetadata[inputName].ElementDataType == TensorElementType.Float16
                ? OrtValue.CreateTensorValueFromMemory(new Float16[BatchSize * input.RowLength], pixelShape)
                : OrtValue.CreateTensorValueFromMemory(new float[BatchSize * input.RowLength], pixelShape);
            using var runOptions = new RunOptions();
            using var outputs = session.Run(runOptions, [inputName], [pixels], [feature]);
            var shape = outputs[0].GetTensorTypeAndShape().Shape;
            return shape.Length >= 2 && shape[0] == BatchSize && shape.All(d => d > 0)
                ? shape
                : throw new ModelFileException(
                    $"{name}: output {feature} has the shape [{string.Join(',', shape)}] for {BatchSize} pictures, not [{BatchSize},F]");
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"{name} does not run: {e.Message.Split('\n')[0]}", e);
        }
    }
}
