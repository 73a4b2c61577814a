using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>How the bundled model is trained: a small ResNet from scratch on pictures of products (the demonstration's), in about half an hour on two cores.</summary>
public static class BundledRecipe
{
    /// <summary>Some 5,000 steps.</summary>
    public const int Epochs = 100;

    /// <summary>0.7 million weights.</summary>
    public static ResNetSpec Graph { get; } = new() { Side = 64, StemWidth = 24, Widths = [24, 48, 96, 192], Blocks = [1, 1, 1, 1] };

    public static FullTrainingOptions Options(int seed, int epochs) => new()
    {
        Seed = seed,
        Epochs = epochs,
        BatchNorm = BatchNormMode.Training,
        BackboneRate = 3e-3,
        ProjectionRate = 3e-3,

        // At ten times this rate the centres run away from the embeddings and nothing is learnt.
        CentreRate = .002,
        CopyShare = .25,
        EpochsPerValidation = 2,

        // The rates fall to zero over the whole run, and the best weights come at its end.
        Patience = 1000,

        // Of the presets the one that learnt fastest in trials of 200 steps.
        Loss = new LossChoice(LossChoice.Cpf) { CpfParameters = CpfParameters.Sop },

        // No mirroring: arrows to the left and to the right are two products.
        Augmentation = new AugmentationOptions { LeastArea = .6, Flip = 0 },
    };
}
