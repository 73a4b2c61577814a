using CpfPipeline.Learning.LabelledSets;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>A product key with its scope.</summary>
/// <param name="Source">The source whose own key it is; null: a global key.</param>
/// <param name="Key">The key.</param>
public readonly record struct ClassKey(string? Source, string Key) : IComparable<ClassKey>
{
    /// <summary>The same every night, and the same as in everything bundled: by the hash of the key.</summary>
    public ClassUse Use => ClassSplit.IsTrain(Key) ? ClassUse.Train : ClassSplit.IsTest(Key) ? ClassUse.Test : ClassUse.Validation;

    /// <summary>Global keys come first.</summary>
    public int CompareTo(ClassKey other)
    {
        var bySource = string.CompareOrdinal(Source, other.Source);
        return bySource != 0 ? bySource : string.CompareOrdinal(Key, other.Key);
    }

    /// <summary>For a person.</summary>
    public override string ToString() => Source is null ? Key : $"{Source}: {Key}";
}
