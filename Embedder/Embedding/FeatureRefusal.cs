using CpfPipeline.Vocabulary;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>Refusals that come from a network and not from the bytes.</summary>
internal static class FeatureRefusal
{
    /// <summary>Whether another network might take the picture.</summary>
    public static bool DependsOnNetwork(string reason) => reason is RejectReasons.NotFinite or RejectReasons.NoFeature;

    public static string Explain(string reason) => reason == RejectReasons.NotFinite
        ? "the network gave NaN, infinity or a value beyond half precision"
        : "the network sees nothing in the picture (all zeros)";
}
