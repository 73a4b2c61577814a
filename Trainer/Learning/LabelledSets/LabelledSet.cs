using CpfPipeline.Labels;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>Pictures with their classes and splits, checked. Immutable.</summary>
public sealed class LabelledSet
{
    private readonly ILookup<LabelledSplit, LabelledPicture> _bySplit;

    /// <param name="pictures">In the order of the files.</param>
    /// <param name="sets">The sets' names, in the order of the files.</param>
    /// <param name="hasValidationRows">A file names validation itself.</param>
    public LabelledSet(IEnumerable<LabelledPicture> pictures, IEnumerable<string> sets, bool hasValidationRows)
    {
        HasValidationRows = hasValidationRows;
        Pictures = [.. pictures];
        Sets = [.. sets];
        _bySplit = Pictures.ToLookup(p => p.Split);
    }

    public IReadOnlyList<LabelledPicture> Pictures { get; }

    public IReadOnlyList<string> Sets { get; }

    /// <summary>Whether a file names validation rows; otherwise they were taken from train by the rule.</summary>
    public bool HasValidationRows { get; }

    /// <summary>The pictures of a split, in the order of the files.</summary>
    public IReadOnlyList<LabelledPicture> Of(LabelledSplit split) => [.. _bySplit[split]];

    /// <summary>How many classes a split has.</summary>
    public int ClassCount(LabelledSplit split) => _bySplit[split].Select(p => p.Class).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Reads labels files; those splits that are to be used must be usable, the others are not looked at closely.</summary>
    /// <param name="files">Paths of labels.csv files.</param>
    /// <param name="needed">Splits that must hold pairs; their pictures, and the distractors', must exist.</param>
    /// <exception cref="LabelsFileException">Something is wrong; the message lists all of it.</exception>
    /// <exception cref="TooLittleDataException">A needed split is empty, or has only one class.</exception>
    public static LabelledSet Read(IReadOnlyList<string> files, params LabelledSplit[] needed) => LabelledSetReader.Read(files, needed);
}
