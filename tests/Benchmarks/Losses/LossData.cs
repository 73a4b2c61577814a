using CpfPipeline.Labels;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>Features of one set or of several together, to fit and to measure on.</summary>
internal sealed class LossData : IDisposable
{
    private readonly IReadOnlyList<(IReadOnlyList<LabelledPicture> Pictures, PictureFeatures Features)> _tests;

    private LossData(LabelledSet set, List<LabelledPicture> pictures, PictureFeatures features,
        IReadOnlyList<(IReadOnlyList<LabelledPicture>, PictureFeatures)> tests)
    {
        SetNames = set.Sets;
        _tests = tests;
        Fit = FitSet.Of(set, pictures, features, new HeadOptions(), null);
        OneFold = FitSet.Of(set, pictures, features, new HeadOptions { CrossFitBelow = 0 }, null);
        OneFoldBaselines = new FitBaselines(OneFold, CalibrationTarget.MaxF1);
    }

    public IReadOnlyList<string> SetNames { get; }

    /// <summary>Cross-fitted.</summary>
    public FitSet Fit { get; }

    /// <summary>Validation classes of the hash rule only.</summary>
    public FitSet OneFold { get; }

    public FitBaselines OneFoldBaselines { get; }

    public static LossData Of(IReadOnlyList<string> files, BackboneSession session, CancellationToken cancellationToken)
    {
        var set = LabelledSet.Read(files, LabelledSplit.Train, LabelledSplit.Validation, LabelledSplit.Test);
        var pictures = set.Pictures.Where(p => p.Split != LabelledSplit.Test).ToList();
        return new LossData(
            set, pictures, Compute(pictures), [.. set.Sets.Select(name =>
            {
                IReadOnlyList<LabelledPicture> test = [.. EmbeddedSplit.PicturesOf(set, LabelledSplit.Test).Where(p => p.Set == name)];
                return (test, Compute(test));
            })]);

        PictureFeatures Compute(IReadOnlyList<LabelledPicture> of) =>
            PictureFeatures.Compute(session, [.. of.Select(p => p.Path)], TimeProvider.System, null, cancellationToken);
    }

    /// <summary>Figures on the test classes of each set.</summary>
    public IReadOnlyList<EvaluationFigures> Measure(FittedHead fitted, CancellationToken cancellationToken)
    {
        using var session = new HeadSession(HeadFile.Load(fitted.Head.ToOnnx("a bench"), "a bench"), new SessionSettings());
        return
        [
            .. _tests.Select(test =>
            {
                var embedded = EmbeddedSplit.Of(test.Pictures, HeadEmbeddings.Compute(session, test.Features, cancellationToken));
                return ModelEvaluation.Measure(
                    embedded.Set, fitted.Calibration.Threshold, embedded.Labels, seed: 1, null, cancellationToken).Figures;
            }),
        ];
    }

    public void Dispose()
    {
        Fit.Dispose();
        OneFold.Dispose();
    }
}
