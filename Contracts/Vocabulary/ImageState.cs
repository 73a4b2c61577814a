namespace CpfPipeline.Vocabulary;

/// <summary>Where an image stands, as stored and as told.</summary>
public static class ImageState
{
    /// <summary>Known, bytes not fetched yet: nothing is known about the outcome.</summary>
    public const string Received = "received";

    /// <summary>Unusable, for a reason.</summary>
    public const string Rejected = "rejected";

    /// <summary>Live: refers to a content.</summary>
    public const string Stored = "stored";

    /// <summary>No longer listed.</summary>
    public const string Retracted = "retracted";
}
