using CpfPipeline.Labels;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.LabelledSets;

namespace CpfPipeline.Learning.Features;

/// <summary>The pictures of one split with all distractors, ready to be measured.</summary>
public sealed class EmbeddedSplit
{
    private EmbeddedSplit(IReadOnlyList<LabelledPicture> pictures, IReadOnlyList<string> labels, EvaluationSet set) =>
        (Pictures, Labels, Set) = (pictures, labels, set);

    /// <summary>By content id.</summary>
    public IReadOnlyList<LabelledPicture> Pictures { get; }

    /// <summary>Names of the classes.</summary>
    public IReadOnlyList<string> Labels { get; }

    public EvaluationSet Set { get; }

    /// <summary>The pictures to embed for a split: its own, then the distractors.</summary>
    /// <remarks>By class and name: equal similarities rank by content id, which must not depend on the order of lines in a file.</remarks>
    public static IReadOnlyList<LabelledPicture> PicturesOf(LabelledSet set, LabelledSplit split) =>
    [
        .. set.Of(split).Concat(set.Of(LabelledSplit.Distractor))
            .OrderBy(p => p.Split == LabelledSplit.Distractor).ThenBy(p => p.Class, StringComparer.Ordinal)
            .ThenBy(p => p.Path, StringComparer.Ordinal),
    ];

    /// <param name="pictures">What was embedded, in any order.</param>
    /// <param name="embeddings">Content ids are indices of the pictures.</param>
    public static EmbeddedSplit Of(IReadOnlyList<LabelledPicture> pictures, HeadEmbeddings embeddings)
    {
        var labels = pictures.Where(p => p.Split != LabelledSplit.Distractor).Select(p => p.Class).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal).ToList();
        var index = labels.Select((label, i) => (label, i)).ToDictionary(c => c.label, c => c.i, StringComparer.Ordinal);
        var classes = new int[embeddings.Matrix.Count];
        for (var row = 0; row < classes.Length; row++)
        {
            var picture = pictures[(int)embeddings.Matrix.ContentId(row)];
            classes[row] = picture.Split == LabelledSplit.Distractor ? EvaluationSet.NoClass : index[picture.Class];
        }

        return new EmbeddedSplit(pictures, labels, EvaluationSet.Of(embeddings.Matrix, classes));
    }

    /// <summary>What a report shows of some pairs.</summary>
    public IReadOnlyList<PicturePair> Show(IEnumerable<ScoredPair> pairs) =>
    [
        .. pairs.Select(pair =>
        {
            var (a, b) = (Pictures[(int)pair.ContentA], Pictures[(int)pair.ContentB]);
            return new PicturePair(pair.Similarity, a.Path, a.Class, b.Path, b.Class);
        }),
    ];
}
