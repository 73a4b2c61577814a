namespace CpfPipeline.Vocabulary;

/// <summary>How a model was made, where it was no run: <see cref="TrainingRunKind"/> has the others.</summary>
public static class ModelKind
{
    /// <summary>By the first start, from a backbone and pictures that are not the catalogue's.</summary>
    public const string Initial = "initial";

    /// <summary>Elsewhere, and brought in as files.</summary>
    public const string Imported = "imported";
}
