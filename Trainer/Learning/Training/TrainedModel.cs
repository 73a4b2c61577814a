using CpfPipeline.Labels;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.Training;

/// <summary>A finished training with all that its report tells.</summary>
public sealed record TrainedModel
{
    public required BackboneFile Backbone { get; init; }

    /// <summary>File name the backbone came from.</summary>
    public required string BackboneName { get; init; }

    public required HeadFitResult Fit { get; init; }

    /// <summary>Settings of the exported head.</summary>
    public required HeadOptions Options { get; init; }

    /// <summary>How the backbone was trained; null: it was not.</summary>
    public FullTrainingOptions? Full { get; init; }

    /// <summary>Of that training.</summary>
    public IReadOnlyList<Losses.LossPoint> FullHistory { get; init; } = [];

    /// <summary>Every candidate on the reported split, best on validation first.</summary>
    public required IReadOnlyList<MeasuredCandidate> Candidates { get; init; }

    /// <summary>What is exported.</summary>
    public required MeasuredCandidate Best { get; init; }

    /// <summary>The split that is reported: test, or validation when there is no test.</summary>
    public required LabelledSplit Split { get; init; }

    public required LabelledSet Set { get; init; }

    /// <summary>SHA-256 over what was trained on, hexadecimal.</summary>
    public required string DataHash { get; init; }

    public required IReadOnlyList<(string Name, RefusedPicture Refused)> Refused { get; init; }

    /// <summary>Where training ran, one line.</summary>
    public required string Device { get; init; }

    public required TimeSpan Duration { get; init; }
}
