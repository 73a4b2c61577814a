namespace CpfPipeline.Embedder.Embedding;

/// <summary>What came of one picture: a feature, a reason to reject it, or a failure of the infrastructure.</summary>
internal readonly record struct FeatureOutcome(string? Reason, string? Detail, Exception? Failure, bool IsBlank = false)
{
    public bool HasFeature => Reason is null && Failure is null;

    /// <param name="isBlank">The picture is of one colour.</param>
    public static FeatureOutcome Ok(bool isBlank) => new(null, null, null, isBlank);

    public static FeatureOutcome Refused(string reason, string detail) => new(reason, detail, null);

    public static FeatureOutcome Failed(Exception failure) => new(null, null, failure);
}
