using System.Diagnostics;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// What the cores reach without a pipeline: read a file, decode it, run ONNX Runtime, forget the result. The baseline of the Embedder.
/// </summary>
internal static class BareLoop
{
    /// <summary>One loop; the session spreads each picture's network over the threads. Pictures a second.</summary>
    public static double OneSession(IReadOnlyList<string> files, BackboneFile backbone, int threads)
    {
        using var session = Open(backbone, threads);
        return Rate(files.Count, () => Loop(files, 0, 1, session, backbone.Spec));
    }

    /// <summary>As many loops as cores, each with a session of one thread. Pictures a second.</summary>
    public static double SessionEach(IReadOnlyList<string> files, BackboneFile backbone, int loops)
    {
        var sessions = Enumerable.Range(0, loops).Select(_ => Open(backbone, 1)).ToArray();
        try
        {
            return Rate(files.Count, () =>
            {
                var threads = sessions.Select((session, i) => new Thread(() => Loop(files, i, loops, session, backbone.Spec))).ToArray();
                Array.ForEach(threads, t => t.Start());
                Array.ForEach(threads, t => t.Join());
            });
        }
        finally
        {
            Array.ForEach(sessions, s => s.Dispose());
        }
    }

    private static void Loop(IReadOnlyList<string> files, int first, int step, InferenceSession session, BackboneSpec spec)
    {
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var row = GC.AllocateUninitializedArray<float>(spec.Input.RowLength, pinned: true);
        using var options = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(row, [1, 3, spec.Input.Height, spec.Input.Width]);
        string[] inputs = [spec.InputName];
        string[] outputs = [spec.FeatureName];
        for (var i = first; i < files.Count; i += step)
        {
            var outcome = decoder.Decode(File.ReadAllBytes(files[i]), spec.Input, row);
            if (!outcome.IsOk)
            {
                throw new InvalidOperationException($"{files[i]} is refused: {outcome.Message}");
            }

            using var results = session.Run(options, inputs, [input], outputs);
        }
    }

    private static double Rate(int count, Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static InferenceSession Open(BackboneFile backbone, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };
        return new InferenceSession(backbone.Bytes.ToArray(), options);
    }
}
