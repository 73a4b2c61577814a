using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>Rows scaled to unit length.</summary>
internal static class UnitRows
{
    /// <summary><c>x / max(|x|, 1e-12)</c> of each row of <c>[N,D]</c>; zeros stay zeros.</summary>
    public static Tensor Of(Tensor rows) => nn.functional.normalize(rows, p: 2, dim: 1, eps: 1e-12);
}
