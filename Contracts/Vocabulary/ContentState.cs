namespace CpfPipeline.Vocabulary;

/// <summary>Where a content stands, as stored.</summary>
public static class ContentState
{
    /// <summary>Its bytes are there.</summary>
    public const string Stored = "stored";

    /// <summary>Its bytes cannot be embedded; the reject reason says why.</summary>
    public const string Undecodable = "undecodable";

    /// <summary>Erased; it may not come back.</summary>
    public const string Erased = "erased";
}
