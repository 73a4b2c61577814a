using static TorchSharp.torch;

namespace CpfPipeline.Learning.Heads;

/// <summary>Eigenvalues and eigenvectors of a covariance, largest first, with signs on which machines agree.</summary>
internal static class PrincipalAxes
{
    /// <param name="symmetric"><c>[F,F] float64</c>; only its lower triangle is read.</param>
    /// <returns>
    /// Variances <c>[F]</c> that fall, and directions <c>[F,F]</c>: column k is the unit vector of variance k. An eigenvector's sign is
    /// arbitrary, so its component of largest magnitude is made positive.
    /// </returns>
    public static (Tensor Variances, Tensor Directions) Of(Tensor symmetric)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(symmetric);
        var strongest = vectors.gather(0, vectors.abs().argmax(0, keepdim: true));
        return (values.flip(0).MoveToOuterDisposeScope(), (vectors * strongest.sign()).flip(1).MoveToOuterDisposeScope());
    }
}
