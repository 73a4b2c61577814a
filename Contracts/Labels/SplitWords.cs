namespace CpfPipeline.Labels;

/// <summary>The words of a labels.csv for its splits.</summary>
public static class SplitWords
{
    private static readonly string[] Words = ["train", "val", "test", "distractor"];

    /// <summary>The word for a split.</summary>
    public static string Of(LabelledSplit split) => Words[(int)split];

    /// <summary>The split of a word, in any case; an empty word is train. Null when the word is unknown.</summary>
    public static LabelledSplit? Find(string word) =>
        word.Length == 0 ? LabelledSplit.Train
        : Array.IndexOf(Words, word.ToLowerInvariant()) is >= 0 and var i ? (LabelledSplit)i
        : null;
}
