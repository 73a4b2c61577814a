using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FirstModels;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.Training;

/// <summary>What <see cref="UnlabelledTraining"/> is asked for.</summary>
public sealed record UnlabelledRequest
{
    /// <summary>Folder of pictures, whatever labels lie there.</summary>
    public required string Images { get; init; }

    /// <summary>Path of the backbone to begin with.</summary>
    public required string Backbone { get; init; }

    /// <summary>The model folder to write.</summary>
    public required string Out { get; init; }

    /// <summary>Where the training of the backbone is kept from time to time, and resumed from.</summary>
    public required string CheckpointFolder { get; init; }

    /// <summary>Of the backbone's training; null: depth head.</summary>
    public FullTrainingOptions? Full { get; init; }

    /// <summary>Of the head and the threshold: seed, precision, values of an embedding.</summary>
    public FirstModelOptions Head { get; init; } = new();

    /// <summary>Opens the features of earlier runs; null: none are kept.</summary>
    public Func<BackboneSession, FeatureCache?>? OpenCache { get; init; }
}
