using System.Numerics.Tensors;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Devices;

/// <summary>How near a device's features are to the CPU's, and whether they depend on the neighbours in the batch.</summary>
internal sealed class FeatureParity(BackboneFile file, SessionSettings settings)
{
    private const double MinCosine = .9999;
    private const int Batch = 8;

    public IEnumerable<Figure> Measure(IReadOnlyList<float[]> pictures)
    {
        using var reference = new BackboneSession(file, new SessionSettings { Provider = ExecutionProviderRequest.Cpu, MaxRowsPerRun = 1 });
        using var session = new BackboneSession(file, settings);
        using var binding = new BackboneBinding(session, Batch);
        var (cosines, same) = (new List<double>(), 0);
        foreach (var chunk in pictures.Chunk(Batch))
        {
            var together = Run(binding, chunk);
            var alone = Run(binding, chunk[..1]);
            same += together.AsSpan(0, alone.Length).SequenceEqual(alone) ? 1 : 0;
            for (var i = 0; i < chunk.Length; i++)
            {
                var feature = together.AsSpan(i * file.Spec.FeatureDim, file.Spec.FeatureDim);
                cosines.Add(Cosine(OnCpu(reference, chunk[i]), feature.ToArray()));
            }
        }

        var chunks = (pictures.Count + Batch - 1) / Batch;
        yield return new Figure("lowest cosine of a feature to the CPU's", cosines.Min(), "").AtLeast(MinCosine);
        yield return new Figure("median", Figure.Of("", cosines, "").Value, "");
        yield return new Figure("features with the same bits alone and among others", (double)same / chunks, "").AtLeast(1);
    }

    private Half[] Run(BackboneBinding binding, float[][] pictures)
    {
        var features = new Half[pictures.Length * file.Spec.FeatureDim];
        binding.Run([.. pictures.Select(p => (ReadOnlyMemory<float>)p)], features, new string?[pictures.Length]);
        return features;
    }

    private Half[] OnCpu(BackboneSession reference, float[] picture)
    {
        var (pixels, feature) = (new PixelBatch(file.Spec.Input, 1), new Half[file.Spec.FeatureDim]);
        picture.CopyTo(pixels.Row(0));
        reference.Run(pixels, 1, feature, new string?[1]);
        return feature;
    }

    private static double Cosine(Half[] a, Half[] b)
    {
        double[] x = [.. a.Select(v => (double)v)], y = [.. b.Select(v => (double)v)];
        return TensorPrimitives.CosineSimilarity<double>(x, y);
    }
}
