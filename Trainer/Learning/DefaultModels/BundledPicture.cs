using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.LabelledSets;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>A labelled picture with its use.</summary>
/// <param name="Path">The file.</param>
/// <param name="Label">Product key.</param>
public sealed record BundledPicture(string Path, string Label)
{
    /// <summary>Fits weights and head.</summary>
    public bool IsFitted => ClassSplit.IsTrain(Label) && !ClassSplit.IsCalibration(Label);

    /// <summary>Chooses weights, head and threshold.</summary>
    public bool IsValidation => ClassSplit.IsTrain(Label) && ClassSplit.IsCalibration(Label);

    /// <summary>Is looked at for the report only.</summary>
    public bool IsTest => ClassSplit.IsTest(Label);

    /// <exception cref="TooLittleDataException">The folder has no labels.</exception>
    public static IReadOnlyList<BundledPicture> Read(string folder)
    {
        var pictures = PictureFolder.Read(folder).Pictures.Where(p => p.Label is not null).Select(p => new BundledPicture(p.Path, p.Label!)).ToList();
        return pictures.Count > 0 ? pictures : throw new TooLittleDataException($"the pictures in {folder} have no labels: a labels.csv or a folder a product is needed");
    }

    /// <summary>With classes numbered by their names.</summary>
    public static IReadOnlyList<TrainingPicture> ForTraining(IEnumerable<BundledPicture> pictures)
    {
        var list = pictures.ToList();
        var classes = Numbered(list);
        return [.. list.Select(p => new TrainingPicture(p.Path, classes[p.Label]))];
    }

    public static IReadOnlyDictionary<string, int> Numbered(IEnumerable<BundledPicture> pictures) =>
        pictures.Select(p => p.Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select((label, i) => (label, i)).ToDictionary(c => c.label, c => c.i, StringComparer.Ordinal);
}
