using System.Text.RegularExpressions;

namespace CpfPipeline.Vision.Sessions;

/// <summary>What ONNX Runtime says when its CUDA provider does not start, in one plain line.</summary>
internal static partial class ProviderFailure
{
    /// <param name="message">Of the exception: places in the source, brackets, and somewhere the cause.</param>
    public static string Explain(string message)
    {
        if (MissingLibrary().Match(message) is { Success: true } missing)
        {
            return $"CUDA is not usable: {missing.Groups["library"].Value} is missing (CUDA 13 and cuDNN 9 are needed)";
        }

        return message.Contains("no CUDA-capable device", StringComparison.Ordinal) || message.Contains("CUDA failure 100", StringComparison.Ordinal)
            ? "there is no CUDA device"
            : message.Split('\n', 2)[0].Trim();
    }

    [GeneratedRegex(@"(?<library>lib[\w.+-]+\.so[\w.]*): cannot open shared object file")]
    private static partial Regex MissingLibrary();
}
