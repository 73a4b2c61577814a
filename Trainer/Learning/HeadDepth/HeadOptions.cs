using System.ComponentModel.DataAnnotations;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>How a head is trained on features.</summary>
public sealed record HeadOptions
{
    /// <summary>The loss; null trains nothing: the PCA of the features is the model.</summary>
    public LossChoice? Loss { get; init; } = new(LossChoice.Cpf);

    /// <summary>Seed of batches. Same seed, data, machine and threads: same head.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>D, values of an embedding. Default 256.</summary>
    [Range(2, 4_000)]
    public int EmbeddingDim { get; init; } = 256;

    /// <summary>Passes over the pictures at most; validation chooses where to stop. Default 40.</summary>
    [Range(1, 10_000)]
    public int Epochs { get; init; } = 40;

    /// <summary>Steps at most, whatever the epochs. Default 2,000: half a million pictures seen.</summary>
    [Range(1, 10_000_000)]
    public int MaxSteps { get; init; } = 2_000;

    /// <summary>K, classes per batch. Default 64.</summary>
    [Range(2, 100_000)]
    public int ClassesPerBatch { get; init; } = 64;

    /// <summary>M, pictures per class in a batch. Default 4.</summary>
    [Range(1, 1_000)]
    public int PicturesPerClass { get; init; } = 4;

    /// <summary>AdamW's rate for the projection. Default 0.003.</summary>
    [Range(0, 10)]
    public double HeadRate { get; init; } = 3e-3;

    /// <summary>
    /// AdamW's rate for the class centres; not published with the loss, swept (<c>infra/cpf bench losses</c>). Default 0.01.
    /// </summary>
    [Range(0, 10)]
    public double CentreRate { get; init; } = 1e-2;

    /// <summary>Share of the steps over which rates rise. Default 0.05.</summary>
    [Range(0, 1)]
    public double WarmupShare { get; init; } = .05;

    /// <summary>How often validation is looked at in a run. Default 10 times.</summary>
    [Range(1, 1_000)]
    public int Validations { get; init; } = 10;

    /// <summary>Validations without a better F1 after which a run ends. Default 4.</summary>
    [Range(1, 1_000)]
    public int Patience { get; init; } = 4;

    /// <summary>Takes the signed square root of the features before all else: see <see cref="LinearHead"/>. Default on.</summary>
    public bool SquareRoot { get; init; } = true;

    /// <summary>
    /// Leading principal directions of the features, and no others, that heads are fitted in. Fewer than an embedding has values make it
    /// as much shorter. Default null: all.
    /// </summary>
    [Range(2, 16_000)]
    public int? MaxDirections { get; init; }

    /// <summary>See <see cref="HeadStart.Discriminant"/>. Default 0.2.</summary>
    [Range(.001, 1)]
    public double Shrinkage { get; init; } = .2;

    /// <summary>See <see cref="HeadStart.Discriminant"/>. Default 0.15.</summary>
    [Range(0, 1)]
    public double Whitening { get; init; } = .15;

    /// <summary>
    /// With fewer validation classes than this, each train class validates once, and the last head is trained on all. Default
    /// 400.
    /// </summary>
    [Range(0, 1_000_000)]
    public int CrossFitBelow { get; init; } = 400;

    /// <summary>Threads of libtorch. Default: one per processor.</summary>
    [Range(1, 1_024)]
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// For the other kind of data: few classes of many pictures overfit at the usual rates and need a smoother start (measured
    /// on cub and grocery).
    /// </summary>
    public HeadOptions ForFewClasses() => this with
    {
        ClassesPerBatch = Math.Min(ClassesPerBatch, 32), HeadRate = 1e-3, CentreRate = 1e-3, Shrinkage = .6, Whitening = .1,
    };

    /// <exception cref="ValidationException">A value is out of its range; the message names it.</exception>
    public HeadOptions Validated()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        return this;
    }
}
