namespace CpfPipeline.Vocabulary;

/// <summary>How far an erasure is.</summary>
public static class ErasureState
{
    /// <summary>No image refers to it any more, and it may not come back. Its groups are being split.</summary>
    public const string Unlinked = "unlinked";

    /// <summary>Its bytes are gone too.</summary>
    public const string Deleted = "deleted";

    /// <summary>Every row is gone; the bytes go next, unless an image has come to show them again.</summary>
    public const string Purged = "purged";

    /// <summary>Everything is gone; the receipt is complete.</summary>
    public const string Finished = "finished";
}
