namespace CpfPipeline.Learning.HeadDepth;

/// <summary>Names of the heads that are compared before one is exported.</summary>
public static class CandidateName
{
    /// <summary>The feature itself.</summary>
    public const string Frozen = "frozen";

    /// <summary>PCA of the features.</summary>
    public const string Pca = "pca";

    /// <summary>Discriminant of the labelled features, where training starts.</summary>
    public const string Discriminant = "discriminant";

    /// <summary>The projection that was trained together with the backbone (depth full).</summary>
    public const string Full = "full";

    /// <summary>Trained with the loss.</summary>
    public const string Trained = "trained";
}
