namespace CpfPipeline.Matcher.Review;

/// <summary>How much an answer on a pair teaches beside its distance from the threshold: the smaller the more.</summary>
internal enum PairRank
{
    /// <summary>Their product keys are surely different: either the model or a feed is wrong.</summary>
    KeysDisagree,

    /// <summary>Different sources show them: what joins sellers is what the product is for.</summary>
    AcrossSources,

    /// <summary>Neither.</summary>
    Plain,
}
