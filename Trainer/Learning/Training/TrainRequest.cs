using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.HeadDepth;

namespace CpfPipeline.Learning.Training;

/// <summary>What <c>infra/cpf train</c> is to do.</summary>
public sealed record TrainRequest
{
    /// <summary>Paths of labels.csv files.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Path of an ONNX backbone with its metadata.</summary>
    public required string Backbone { get; init; }

    /// <summary>The model folder to write.</summary>
    public required string Out { get; init; }

    /// <summary>Where the training is kept from time to time and when cancelled, and resumed from; null: nowhere.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Settings of the head that are tried; the best on validation is exported. At least one.</summary>
    public required IReadOnlyList<HeadOptions> Heads { get; init; }

    /// <summary>
    /// Depth <c>full</c>: how the backbone is trained before its head; null: depth <c>head</c>, the backbone stays as it is.
    /// </summary>
    public FullTrainingOptions? Full { get; init; }

    /// <summary>What the threshold is for.</summary>
    public CalibrationTarget Target { get; init; } = CalibrationTarget.MaxF1;

    /// <summary>
    /// Pictures of the catalogue the threshold is for; null: see <see cref="FitSet"/>.
    /// </summary>
    public int? CatalogueSize { get; init; }

    /// <summary>
    /// Folder of features that are kept between runs; null: none are. Not used at depth full, whose backbone is another one every time.
    /// </summary>
    public string? FeatureFolder { get; init; }

    /// <summary>What all features in it may take, in bytes.</summary>
    public long MaxFeatureBytes { get; init; }
}
