using System.Runtime.InteropServices;
using CpfPipeline.Vision.Models;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CpfPipeline.Vision.Sessions;

/// <summary>A backbone's output, <c>[rows,F]</c> float32 or float16, as halves.</summary>
internal static class FeatureTensor
{
    /// <param name="output">What the network gave, in memory of the host.</param>
    /// <param name="spec">What its metadata promise.</param>
    /// <param name="rows">Rows of the run.</param>
    /// <param name="features"><c>[n,F]</c> of the first rows; a refused row is zeros.</param>
    /// <param name="reasons">One a row that counts, see <see cref="HalfRow"/>.</param>
    public static void Read(OrtValue output, BackboneSpec spec, int rows, Span<Half> features, Span<string?> reasons)
    {
        var isHalf = output.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float16;
        var halves = isHalf ? MemoryMarshal.Cast<Float16, Half>(output.GetTensorDataAsSpan<Float16>()) : [];
        var floats = isHalf ? [] : output.GetTensorDataAsSpan<float>();
        var (dim, length) = (spec.FeatureDim, isHalf ? halves.Length : floats.Length);
        if (length != rows * dim)
        {
            throw new ModelFileException(
                $"the backbone's output {spec.FeatureName} has {length / rows} values a picture, its metadata say {dim}");
        }

        for (var i = 0; i < reasons.Length; i++)
        {
            var to = features.Slice(i * dim, dim);
            reasons[i] = isHalf ? HalfRow.Copy(halves.Slice(i * dim, dim), to) : HalfRow.Round(floats.Slice(i * dim, dim), to);
        }
    }
}
