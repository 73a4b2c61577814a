using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Vision.Sessions;

/// <summary>What runs the networks, and why not something faster.</summary>
/// <param name="Name"><c>tensorrt</c>, <c>cuda</c> or <c>cpu</c>.</param>
/// <param name="WhyNotGpu">Null on a device; else the reason, in one line.</param>
public sealed record ExecutionProvider(string Name, string? WhyNotGpu)
{
    /// <summary>Name of the CPU's provider.</summary>
    public const string Cpu = "cpu";

    /// <summary>Why CUDA runs what TensorRT was asked for, in one line; else null.</summary>
    public string? WhyNotTensorRt { get; init; }

    internal static (InferenceSession Session, ExecutionProvider Provider) Open(
        ReadOnlyMemory<byte> model, SessionSettings settings, int intraOpThreads)
    {
        var bytes = model.ToArray();
        var why = settings.Provider == ExecutionProviderRequest.Auto ? CudaLibraries.WhyNotHere : "the CPU was asked for";
        string? whyNotTensorRt = null;
        if (why is null && settings.Device.TensorRt && (whyNotTensorRt = CudaLibraries.WhyNotTensorRtHere) is null)
        {
            var (session, whyNot) = TryOpen(bytes, settings, intraOpThreads, tensorRt: true);
            if (session is not null)
            {
                return (session, new ExecutionProvider("tensorrt", null));
            }

            whyNotTensorRt = whyNot;
        }

        if (why is null)
        {
            (var session, why) = TryOpen(bytes, settings, intraOpThreads, tensorRt: false);
            if (session is not null)
            {
                return (session, new ExecutionProvider("cuda", null) { WhyNotTensorRt = whyNotTensorRt });
            }
        }

        using var cpu = Options(intraOpThreads);
        return (new InferenceSession(bytes, cpu), new ExecutionProvider(Cpu, why));
    }

    // The libraries are there; the driver or the device may not be, or may be of another kind.
    private static (InferenceSession? Session, string? Why) TryOpen(
        byte[] model, SessionSettings settings, int intraOpThreads, bool tensorRt)
    {
        try
        {
            using var options = Options(intraOpThreads);
            if (tensorRt)
            {
                using var first = new OrtTensorRTProviderOptions();
                first.UpdateOptions(settings.Device.TensorRtOptions());
                options.AppendExecutionProvider_Tensorrt(first);
            }

            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(settings.Device.CudaOptions());
            options.AppendExecutionProvider_CUDA(cuda);
            return (new InferenceSession(model, options), null);
        }
        catch (Exception e) when (
            e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException or NotSupportedException)
        {
            return (null, e.Message.Split('\n', 2)[0].Trim());
        }
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
