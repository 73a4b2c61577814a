namespace CpfPipeline.Vocabulary;

/// <summary>How a model was made when no run made it: <see cref="TrainingRunKind"/> has the others.</summary>
public static class ModelKind
{
    /// <summary>By the first start, from a backbone and pictures that are not the catalogue's.</summary>
    public const string Initial = "initial";

    /// <summary>Made elsewhere and imported as files.</summary>
    public const string Imported = "imported";
}
