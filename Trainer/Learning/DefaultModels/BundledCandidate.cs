using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>A head with its threshold from validation, and what both reach on test.</summary>
public sealed record BundledCandidate
{
    public required string Name { get; init; }

    public required byte[] Head { get; init; }

    public required BundledThreshold Calibrated { get; init; }

    /// <summary>Test pictures among all others.</summary>
    public required EvaluationResult Test { get; init; }

    /// <summary>Largest F1 of test pictures by themselves, of any threshold.</summary>
    public required double BestAloneF1 { get; init; }

    public required CopyCalibration Copies { get; init; }

    /// <summary>Calibrates for the demonstration: its share of copies, its number of pictures to be mistaken for.</summary>
    /// <param name="name">For the report.</param>
    /// <param name="head">A head file.</param>
    /// <param name="embed">Embeds all pictures by it.</param>
    /// <param name="labels">Names of the test classes, ordered.</param>
    /// <param name="seed">Of the bootstrap.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    public static BundledCandidate Measure(
        string name, byte[] head, Func<HeadFile, BundledEmbeddings> embed, IReadOnlyList<string> labels, int seed, CancellationToken cancellationToken)
    {
        var embeddings = embed(HeadFile.Load(head, name));
        var calibrated = BundledThreshold.Choose(embeddings.Validation(), embeddings.DemoImages / 2.0);
        return new BundledCandidate
        {
            Name = name,
            Head = head,
            Calibrated = calibrated,
            Test = ModelEvaluation.Measure(embeddings.Test(), calibrated.Threshold, labels, seed, cancellationToken: cancellationToken),
            BestAloneF1 = PairCurve.Measure(embeddings.TestAlone(), seed, cancellationToken).BestF1,
            Copies = embeddings.TestCopies(calibrated.Threshold),
        };
    }
}
