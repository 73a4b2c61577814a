using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Trainer.Losses;

/// <summary>Learnt class centres.</summary>
internal static class ClassCentres
{
    /// <summary>A trainable copy that outlives the dispose scope it is made in.</summary>
    public static Parameter Start(Tensor centres)
    {
        var copy = new Parameter(centres.detach().clone());
        copy.DetachFromDisposeScope();
        return copy;
    }
}
