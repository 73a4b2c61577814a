using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CpfPipeline.Tests.Benchmarks.Devices;

/// <summary>Decoded pictures a second through the Embedder's batches, against a bare loop over ONNX Runtime, in turns.</summary>
internal sealed class DeviceRate(BackboneFile file, SessionSettings settings, int batch)
{
    private const int Rounds = 3;
    private const double MinRatio = .85;
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MinTime = TimeSpan.FromSeconds(2);

    public IReadOnlyList<Figure> Measure(IReadOnlyList<float[]> pictures)
    {
        var device = new OnnxDevice(settings.Device.Name, new BackboneSession(file, settings), ownsSession: true);
        using var group = new DeviceGroup(
            [new DeviceSlot(settings.Device.Name, device, () => throw new DeviceLostException("lost while it was measured"))],
            () => throw new DeviceLostException("lost while it was measured"),
            new DeviceRowSize(file.Spec.Input.RowLength, file.Spec.FeatureDim),
            new DeviceBatching(batch, MaxWait, Environment.ProcessorCount, settings.Device.Name), new EmbedderMetrics(),
            TimeProvider.System, NullLogger.Instance);
        using var bare = OpenBare();

        Ours(group, pictures); // Warm.
        Bare(bare, pictures);
        var passes = 1 + (int)(MinTime.TotalSeconds * Rate(pictures.Count, () => Bare(bare, pictures)) / pictures.Count);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            theirs.Add(Rate(passes * pictures.Count, () => Repeat(passes, () => Bare(bare, pictures))));
            ours.Add(Rate(passes * pictures.Count, () => Repeat(passes, () => Ours(group, pictures))));
        }

        return
        [
            Figure.Of("decoded pictures through the Embedder's batches", ours, "images/s"),
            Figure.Of("the same by bare ONNX Runtime (baseline)", theirs, "images/s"),
            Figure.Of("ratio", [.. ours.Zip(theirs, (a, b) => a / b)], "").AtLeast(MinRatio),
        ];
    }

    private void Ours(DeviceGroup group, IReadOnlyList<float[]> pictures)
    {
        var features = new Half[pictures.Count * file.Spec.FeatureDim];
        using var left = new CountdownEvent(pictures.Count);
        Exception? broken = null;
        // As many threads hand in as decode in the Embedder.
        Parallel.For(0, pictures.Count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var row = group.Rows.Rent();
            pictures[i].CopyTo(row.AsSpan());
            group.Add(new DevicePicture(
                row, features.AsMemory(i * file.Spec.FeatureDim, file.Spec.FeatureDim),
                (_, failure) =>
                {
                    group.Rows.Return(row);
                    broken ??= failure;
                    left.Signal();
                },
                CancellationToken.None));
        });
        left.Wait();
        if (broken is not null)
        {
            throw new BenchSkippedException($"the device failed: {broken.Message}");
        }
    }

    private void Bare(InferenceSession session, IReadOnlyList<float[]> pictures)
    {
        var (input, size) = (file.Spec.Input, file.Spec.Input.RowLength);
        var isHalf = session.InputMetadata[file.Spec.InputName].ElementDataType == TensorElementType.Float16;
        var pixels = GC.AllocateUninitializedArray<float>(batch * size, pinned: true);
        var halves = GC.AllocateUninitializedArray<Float16>(isHalf ? pixels.Length : 0, pinned: true);
        using var options = new RunOptions();
        foreach (var chunk in pictures.Chunk(batch))
        {
            for (var i = 0; i < chunk.Length; i++)
            {
                chunk[i].CopyTo(pixels.AsSpan(i * size, size));
            }

            var (length, shape) = (chunk.Length * size, new long[] { chunk.Length, 3, input.Height, input.Width });
            if (isHalf)
            {
                TensorPrimitives.ConvertToHalf(pixels.AsSpan(0, length), MemoryMarshal.Cast<Float16, Half>(halves.AsSpan(0, length)));
            }

            using var tensor = isHalf
                ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, halves.AsMemory(0, length), shape)
                : OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, pixels.AsMemory(0, length), shape);
            using var outputs = session.Run(options, [file.Spec.InputName], [tensor], [file.Spec.FeatureName]);
        }
    }

    private InferenceSession OpenBare()
    {
        using var options = new SessionOptions { IntraOpNumThreads = settings.IntraOpThreads, InterOpNumThreads = 1 };
        if (settings.Provider == ExecutionProviderRequest.Auto)
        {
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(new Dictionary<string, string>
            {
                ["device_id"] = settings.Device.Id.ToString(CultureInfo.InvariantCulture),
                ["use_tf32"] = settings.Device.AllowTf32 ? "1" : "0",
            });
            options.AppendExecutionProvider_CUDA(cuda);
        }

        return new InferenceSession(file.Bytes.ToArray(), options);
    }

    private static void Repeat(int times, Action work)
    {
        for (var i = 0; i < times; i++)
        {
            work();
        }
    }

    private static double Rate(int count, Action work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
