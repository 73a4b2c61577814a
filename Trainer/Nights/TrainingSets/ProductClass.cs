namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Contents that show one product.</summary>
/// <param name="Key">The first of its product keys; null: people's verdicts alone make it a class.</param>
/// <param name="Scope">Two classes are surely two products when their scopes are equal. A class without a key has a scope of its own.</param>
/// <param name="Use">What it is for.</param>
/// <param name="ContentIds">Rising.</param>
public sealed record ProductClass(ClassKey? Key, int Scope, ClassUse Use, IReadOnlyList<long> ContentIds)
{
    /// <summary>Pairs of one product.</summary>
    public long Pairs => (long)ContentIds.Count * (ContentIds.Count - 1) / 2;

    /// <summary>For a person.</summary>
    public string Name => Key?.ToString() ?? $"content {ContentIds[0]}";
}
