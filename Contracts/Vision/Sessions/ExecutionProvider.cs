using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Vision.Sessions;

/// <summary>What runs the networks, and why not something faster.</summary>
/// <param name="Name"><c>cuda</c> or <c>cpu</c>.</param>
/// <param name="WhyNotGpu">Null on CUDA; else the reason, in one line.</param>
public sealed record ExecutionProvider(string Name, string? WhyNotGpu)
{
    internal static (InferenceSession Session, ExecutionProvider Provider) Open(
        ReadOnlyMemory<byte> model, SessionSettings settings, int intraOpThreads)
    {
        var bytes = model.ToArray();
        var why = settings.Provider == ExecutionProviderRequest.Auto ? CudaLibraries.WhyNotHere : "the CPU was asked for";
        if (why is null)
        {
            try
            {
                using var cuda = Options(intraOpThreads);
                cuda.AppendExecutionProvider_CUDA();
                return (new InferenceSession(bytes, cuda), new ExecutionProvider("cuda", null));
            }
            catch (Exception e) when (
                e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException or NotSupportedException)
            {
                // The libraries are there and the driver or the device is not, or is of another kind.
                why = e.Message.Split('\n', 2)[0].Trim();
            }
        }

        using var cpu = Options(intraOpThreads);
        return (new InferenceSession(bytes, cpu), new ExecutionProvider("cpu", why));
    }

    private static SessionOptions Options(int intraOpThreads) => new()
    {
        IntraOpNumThreads = intraOpThreads,
        InterOpNumThreads = 1,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        // A pattern is kept per input shape and reserves its peak for each: with batches of any size memory would only grow.
        EnableMemoryPattern = false,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };
}
