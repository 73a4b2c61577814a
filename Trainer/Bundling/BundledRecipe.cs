using CpfPipeline.Trainer.Augmentation;
using CpfPipeline.Trainer.Graphs;
using CpfPipeline.Trainer.OnnxModules;
using CpfPipeline.Trainer.Training;

namespace CpfPipeline.Trainer.Bundling;

/// <summary>How the bundled model is trained: a small ResNet from scratch on pictures of products (the demonstration's), in about a quarter of an hour on two cores.</summary>
internal static class BundledRecipe
{
    public static ResNetSpec Graph { get; } = new() { Side = 64, StemWidth = 24, Widths = [24, 48, 96, 192], Blocks = [1, 1, 1, 1] };

    public static FullTrainingOptions Options(int seed, int epochs) => new()
    {
        Seed = seed,
        Epochs = epochs,
        BatchNorm = BatchNormMode.Training,
        BackboneRate = 3e-3,
        ProjectionRate = 3e-3,
        CentreRate = .02,
        CopyShare = .25,
        EpochsPerValidation = 2,
        Patience = 1000,

        // No mirroring: arrows to the left and to the right are two products.
        Augmentation = new AugmentationOptions { LeastArea = .6, Flip = 0 },
    };
}
