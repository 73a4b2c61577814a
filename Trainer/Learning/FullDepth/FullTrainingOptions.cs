using System.ComponentModel.DataAnnotations;
using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// How a backbone with a projection is trained. A checkpoint resumes only with the same settings; memory and its interval may differ.
/// </summary>
public sealed record FullTrainingOptions
{
    /// <summary>Times as many pictures are drawn as there are. Default 30; the learning rate falls to zero over them.</summary>
    [Range(1, 100_000)]
    public int Epochs { get; init; } = 30;

    /// <summary>K, classes in a batch. Default 32.</summary>
    [Range(1, 4096)]
    public int ClassesPerBatch { get; init; } = 32;

    /// <summary>M, pictures of each of them, or copies of one picture. Default 2.</summary>
    [Range(1, 64)]
    public int PicturesPerClass { get; init; } = 2;

    /// <summary>D, values of an embedding; at most the feature's dimension is used. Default 128.</summary>
    [Range(2, 4096)]
    public int EmbeddingDim { get; init; } = 128;

    /// <summary>Base learning rate of the backbone. Default 0.0001, for fine-tuning; from scratch some 0.001 to 0.003.</summary>
    [Range(0, 1)]
    public double BackboneRate { get; init; } = 1e-4;

    /// <summary>Base learning rate of the projection. Default 0.001.</summary>
    [Range(0, 1)]
    public double ProjectionRate { get; init; } = 1e-3;

    /// <summary>Base learning rate of the class centres; no paper gives one. Default 0.01.</summary>
    [Range(0, 1)]
    public double CentreRate { get; init; } = .01;

    /// <summary>Decoupled weight decay of kernels and projection, times the learning rate, per step. Default 0.01.</summary>
    [Range(0, 10)]
    public double WeightDecay { get; init; } = .01;

    /// <summary>Share of the steps in which the rates rise. Default 0.05.</summary>
    [Range(0, 1)]
    public double WarmupShare { get; init; } = .05;

    /// <summary>
    /// Maximal Euclidean norm of the gradient of backbone and projection together; a longer gradient is scaled to it. Default 1; 0 is no
    /// limit.
    /// </summary>
    [Range(0, 1e6)]
    public double GradientNorm { get; init; } = 1;

    /// <summary>Epochs between two looks at validation. Default 1.</summary>
    [Range(1, 100_000)]
    public int EpochsPerValidation { get; init; } = 1;

    /// <summary>Looks at validation without a better F1 after which training ends. Default 10.</summary>
    [Range(1, 100_000)]
    public int Patience { get; init; } = 10;

    /// <summary>
    /// Every picture is a class of its own and its augmented copies are the positives: training without product keys. Default false.
    /// </summary>
    public bool CopiesAsPositives { get; init; }

    /// <summary>
    /// Share of the classes of a batch that show M copies of one picture in place of M pictures, 0..1. Default 0. Classes with fewer than M
    /// pictures are always filled up with copies.
    /// </summary>
    [Range(0, 1)]
    public double CopyShare { get; init; }

    /// <summary>Default: the backbone's statistics, as in the CPF paper; <see cref="BatchNormMode.Training"/> from scratch.</summary>
    public BatchNormMode BatchNorm { get; init; } = BatchNormMode.Frozen;

    /// <summary>Default: CPF.</summary>
    public LossChoice Loss { get; init; } = new(LossChoice.Cpf);

    public AugmentationOptions Augmentation { get; init; } = new();

    /// <summary>Of weights, batches and augmentation. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Decoded pictures that are kept in memory, bytes, of training and of validation each; the others are decoded each time. Default 1
    /// GiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long MaxCacheBytes { get; init; } = 1L << 30;

    /// <summary>Time between two checkpoints; there is one after each validation and when cancelled besides. Default 5 minutes.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <exception cref="ArgumentException">Values out of range; the message lists them.</exception>
    public void Check()
    {
        var problems = new List<ValidationResult>();
        Validator.TryValidateObject(this, new ValidationContext(this), problems, validateAllProperties: true);
        Validator.TryValidateObject(Augmentation, new ValidationContext(Augmentation), problems, validateAllProperties: true);
        if (!LossChoice.Names.Contains(Loss.Name))
        {
            problems.Add(new ValidationResult($"There is no loss {Loss.Name}; there are {string.Join(", ", LossChoice.Names)}."));
        }

        if (PicturesPerClass < 2 && (CopiesAsPositives || !Loss.HasCentres))
        {
            problems.Add(
                new ValidationResult(
                    $"{nameof(PicturesPerClass)} must be 2 or more where pictures of a batch are each other's positives."));
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException($"training options: {string.Join(" ", problems.Select(p => p.ErrorMessage))}");
        }
    }
}
