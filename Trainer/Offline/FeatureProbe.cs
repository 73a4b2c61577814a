using CpfPipeline.Vision.Models;
using Microsoft.ML.OnnxRuntime;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Runs a graph on two grey pictures to see how long its feature is and that it takes batches.</summary>
internal static class FeatureProbe
{
    private const int Pictures = 2;

    /// <exception cref="ModelFileException">ONNX Runtime does not take the graph, or its output is no row of numbers a picture.</exception>
    public static int Run(byte[] model, InputSpec input, string inputName, string feature, string name)
    {
        try
        {
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var session = new InferenceSession(model, options);
            using var pixels = OrtValue.CreateTensorValueFromMemory(
                new float[Pictures * input.RowLength], [Pictures, 3, input.Height, input.Width]);
            using var runOptions = new RunOptions();
            using var outputs = session.Run(runOptions, [inputName], [pixels], [feature]);
            var shape = outputs[0].GetTensorTypeAndShape().Shape;
            return shape.Length >= 2 && shape[0] == Pictures && shape[1] > 0 && shape.Skip(2).All(d => d == 1)
                ? (int)shape[1]
                : throw new ModelFileException(
                    $"{name}: output {feature} has the shape [{string.Join(',', shape)}] for {Pictures} pictures, not [{Pictures},F]");
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"{name} does not run: {e.Message.Split('\n')[0]}", e);
        }
    }
}
