using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Tests.Unit.Trainer.Nights.TrainingSets;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.Candidates;

public sealed class ComparedContentsTests
{
    [Fact]
    public void ForTest_TwoSources_MembersAreTestClassesAndTheGalleryIsOfTheirScopeWithoutTest()
    {
        // Source a has test and train classes, source b train classes alone; content 10 has no key.
        var set = Set(("a", ClassUse.Test, 0), ("a", ClassUse.Test, 1), ("a", ClassUse.Train, 0), ("a", ClassUse.Validation, 0),
            ("b", ClassUse.Train, 1));
        var compared = ComparedContents.ForTest(set, _ => true);
        var under = compared.Under(Vectors(set));
        Assert.Equal([0, 1, 2, 3], under.Members.ContentIds.ToArray().Order());
        Assert.Equal([4, 5, 6, 7], under.Gallery.ContentIds.ToArray().Order());
        Assert.Equal(2, compared.Labels.Count);
        Assert.Equal(2, under.PositivePairs);
        Assert.Equal([0L], ComparedContents.ForTest(set, row => set.ContentIds[row] != 1)
            .Under(Vectors(set)).Members.ContentIds.ToArray().Where(id => id < 2));
    }

    [Fact]
    public void ForValidation_Any_TestIsNotEvenInTheGallery()
    {
        var set = Set((null, ClassUse.Test, 0), (null, ClassUse.Validation, 0), (null, ClassUse.Train, 0));
        var under = ComparedContents.ForValidation(set, _ => true).Under(Vectors(set));
        Assert.Equal([2, 3], under.Members.ContentIds.ToArray().Order());
        Assert.Equal([4, 5], under.Gallery.ContentIds.ToArray().Order());
    }

    [Fact]
    public void FitRows_TestAndUnlabelledContents_TakeNoPart()
    {
        var set = Set((null, ClassUse.Test, 0), (null, ClassUse.Validation, 0), (null, ClassUse.Train, 0));
        using var fit = FitRows.Of(set, Vectors(set));
        for (var row = 0; row < set.Count; row++)
        {
            var use = set.UseOf(row);
            Assert.Equal(use is ClassUse.Train or ClassUse.Validation, fit.TakesPart(row));
            Assert.Equal(use is ClassUse.Train or ClassUse.Validation, fit.Classes[row] != FitSet.NoClass);
            Assert.Equal(use == ClassUse.Validation, fit.Folds[row] == 0);
        }

        Assert.All(fit.TrainRows(0), row => Assert.Equal(ClassUse.Train, set.UseOf(row)));
        Assert.Equal([set.CatalogueSize], fit.WrongPairsPerPicture); // New products meet all there is.
        Assert.Null(fit.RelationsOf(fit.TrainRows(null)));
    }

    // A threshold for the head that stays is chosen as that of a new head is: with as many wrong pairs for each picture.
    [Fact]
    public void ThresholdFit_OfTheFrozenFeatures_IsThatOfTheFit()
    {
        var set = Set([.. Enumerable.Range(0, 12).Select(i => ((string?)null, i % 3 == 0 ? ClassUse.Train : ClassUse.Validation, i))]);
        using var fit = FitRows.Of(set, Vectors(set));
        var frozen = new FitBaselines(fit, CalibrationTarget.MaxF1)
            .Of(FitRows.Validates, new HeadOptions { Loss = null, EmbeddingDim = 2 }, TestContext.Current.CancellationToken)
            .Single(b => b.Name == CandidateName.Frozen).Measured;
        var fitted = PooledCalibration.Choose([[.. frozen.Parts.Select(p => p!.InCatalogue)]], CalibrationTarget.MaxF1);
        var chosen = ThresholdFit.Choose(set, Vectors(set), CalibrationTarget.MaxF1, 1, TestContext.Current.CancellationToken);
        Assert.Equal(fitted.Threshold, chosen.Threshold, .0021);
        Assert.Equal(fitted.F1, chosen.F1, .01);
        Assert.InRange(chosen.F1, .01, .99);
    }

    // Two contents a class; two more have no key.
    private static TrainingSet Set(params (string? Source, ClassUse Use, int Which)[] classes)
    {
        var keys = classes.SelectMany((c, i) =>
            Enumerable.Range(0, 2).Select(k => new ContentKey((2 * i) + k, c.Source, ClassAssignmentTests.Key(c.Use, c.Which)))).ToList();
        return TrainingSet.Of([.. Enumerable.Range(0, keys.Count + 2).Select(id => new LiveContent(id, false))], keys, []);
    }

    private static ContentVectors Vectors(TrainingSet set) =>
        new(2, [.. set.ContentIds.SelectMany(id => new[] { (Half)Math.Cos(id), (Half)Math.Sin(id) })]);
}
