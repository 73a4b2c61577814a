namespace CpfPipeline.Ingest.Erasures;

/// <summary>What an erasure is of.</summary>
internal static class ErasureScope
{
    /// <summary>One listing's picture, and its bytes where nothing else uses them.</summary>
    public const string Image = "image";

    /// <summary>Bytes, and every image that shows them.</summary>
    public const string Content = "content";
}
