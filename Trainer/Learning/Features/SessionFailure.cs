using System.Runtime.ExceptionServices;
using CpfPipeline.Vision.Models;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Learning.Features;

/// <summary>Turns what several threads of a network's run threw into one exception that names the network.</summary>
public static class SessionFailure
{
    /// <summary>Throws the first cause as it was, or as a <see cref="ModelFileException"/> when it is ONNX Runtime's.</summary>
    public static Exception Explain(AggregateException exception, string network)
    {
        var cause = exception.InnerExceptions[0];
        if (cause is OnnxRuntimeException)
        {
            return new ModelFileException($"the {network} does not run: {cause.Message.Split('\n')[0]}", cause);
        }

        ExceptionDispatchInfo.Throw(cause);
        return cause;
    }
}
