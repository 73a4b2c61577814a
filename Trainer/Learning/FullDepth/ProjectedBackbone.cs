using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>A backbone with a linear projection behind: embedding = unit(unit(feature) @ Projection).</summary>
internal sealed class ProjectedBackbone : IDisposable
{
    private const int PicturesAtOnce = 64;

    private readonly InputSpec _input;

    public ProjectedBackbone(OnnxModule module, InputSpec input, int featureDim, int embeddingDim)
    {
        Module = module;
        _input = input;
        Projection = new Parameter(zeros(featureDim, embeddingDim, device: module.Device));
        Projection.DetachFromDisposeScope();
    }

    public OnnxModule Module { get; }

    /// <summary><c>[F,D]</c>.</summary>
    public Parameter Projection { get; }

    /// <summary>What a snapshot holds: weights, running statistics, projection.</summary>
    public IEnumerable<Tensor> Tensors =>
        Module.Parameters.Select(p => (Tensor)p.Value).Concat(Module.Statistics.Select(s => s.Value)).Append(Projection);

    /// <summary>Normalised pixels as a tensor on the device.</summary>
    /// <param name="pixels"><c>[B,3,H,W]</c>.</param>
    public Tensor Pixels(float[] pixels) =>
        tensor(pixels, [pixels.Length / _input.RowLength, 3, _input.Height, _input.Width]).to(Module.Device);

    /// <summary>Unit features <c>[B,F]</c> of pixels <c>[B,3,H,W]</c>.</summary>
    public Tensor Features(Tensor pixels) => UnitRows.Of(Module.Forward(pixels));

    /// <summary>Embeddings <c>[B,D]</c> of unit features.</summary>
    public Tensor Project(Tensor features) => UnitRows.Of(features.mm(Projection));

    /// <summary>Unit features <c>[N,F]</c> of whole pictures, without gradients, by the running statistics.</summary>
    public Tensor FeaturesOf(DecodedPictures pictures, IReadOnlyList<int> chosen, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        Module.Evaluate();
        var parts = new List<Tensor>();
        for (var first = 0; first < chosen.Count; first += PicturesAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var step = NewDisposeScope();
            var pixels = Whole(pictures, chosen, first, Math.Min(PicturesAtOnce, chosen.Count - first));
            parts.Add(Features(Pixels(pixels)).MoveToOuterDisposeScope());
        }

        return cat(parts).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Module.Dispose();
        Projection.Dispose();
    }

    private float[] Whole(DecodedPictures pictures, IReadOnlyList<int> chosen, int first, int count)
    {
        var pixels = new float[count * _input.RowLength];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var whole = RandomResizedCrop.Whole(pictures[chosen[first + i]], _input.Height, _input.Width);
            PlanarPixels.Convert(whole.Pixels, _input, pixels.AsSpan(i * _input.RowLength, _input.RowLength));
        });
        return pixels;
    }
}
