using CpfPipeline.Labels;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>Features of one set or of several together, to fit and to measure on.</summary>
internal sealed class LossData : IDisposable
{
    private readonly IReadOnlyList<(IReadOnlyList<LabelledPicture> Pictures, PictureFeatures Features)> _tests;

    private LossData(LabelledSet set, List<LabelledPicture> pictures, PictureFeatures features, IReadOnlyList<string> testNames,
        IReadOnlyList<(IReadOnlyList<LabelledPicture>, PictureFeatures)> tests)
    {
        (SetNames, Pictures, Features) = (testNames, pictures, features);
        _tests = tests;
        Fit = FitSet.Of(set, pictures, features, new HeadOptions(), null);
        OneFold = FitSet.Of(set, pictures, features, new HeadOptions { CrossFitBelow = 0 }, null);
        OneFoldBaselines = new FitBaselines(OneFold, CalibrationTarget.MaxF1);
    }

    /// <summary>Of the sets that are measured.</summary>
    public IReadOnlyList<string> SetNames { get; }

    /// <summary>What heads are fitted to.</summary>
    public IReadOnlyList<LabelledPicture> Pictures { get; }

    /// <summary>Of these pictures.</summary>
    public PictureFeatures Features { get; }

    /// <summary>Cross-fitted.</summary>
    public FitSet Fit { get; }

    /// <summary>Validation classes of the hash rule only.</summary>
    public FitSet OneFold { get; }

    public FitBaselines OneFoldBaselines { get; }

    /// <param name="files">labels.csv of each set that is trained and calibrated on.</param>
    /// <param name="tests">labels.csv of each set that is measured on its test classes.</param>
    /// <param name="session">The backbone.</param>
    /// <param name="features">Features of earlier computations; null: none.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    public static LossData Of(
        IReadOnlyList<string> files, IReadOnlyList<string> tests, BackboneSession session, FeatureCache? features,
        CancellationToken cancellationToken)
    {
        LabelledSplit[] splits = [LabelledSplit.Train, LabelledSplit.Validation, LabelledSplit.Test];
        var (set, tested) = (LabelledSet.Read(files, splits), LabelledSet.Read(tests, splits));
        var pictures = set.Pictures.Where(p => p.Split != LabelledSplit.Test).ToList();
        return new LossData(
            set, pictures, Compute(pictures), tested.Sets, [.. tested.Sets.Select(name =>
            {
                IReadOnlyList<LabelledPicture> test = [.. EmbeddedSplit.PicturesOf(tested, LabelledSplit.Test).Where(p => p.Set == name)];
                return (test, Compute(test));
            })]);

        PictureFeatures Compute(IReadOnlyList<LabelledPicture> of) =>
            PictureFeatures.Compute(
                session, [.. of.Select(p => p.Path)], new ImageDecoder(new ImageLimits(), TimeProvider.System), null, cancellationToken,
                features);
    }

    /// <summary>The test classes of each set under a head.</summary>
    public IReadOnlyList<EmbeddedSplit> Embed(LinearHead head, CancellationToken cancellationToken)
    {
        using var session = new HeadSession(HeadFile.Load(head.ToOnnx("a bench"), "a bench"), new SessionSettings());
        return
        [
            .. _tests.Select(test =>
                EmbeddedSplit.Of(test.Pictures, HeadEmbeddings.Compute(session, test.Features, cancellationToken))),
        ];
    }

    /// <summary>Figures on the test classes of each set.</summary>
    public IReadOnlyList<EvaluationFigures> Measure(FittedHead fitted, CancellationToken cancellationToken) =>
    [
        .. Embed(fitted.Head, cancellationToken).Select(embedded => ModelEvaluation.Measure(
            embedded.Set, fitted.Calibration.Threshold, embedded.Labels, seed: 1, null, cancellationToken).Figures),
    ];

    public void Dispose()
    {
        Fit.Dispose();
        OneFold.Dispose();
    }
}
