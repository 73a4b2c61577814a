namespace CpfPipeline.Vocabulary;

/// <summary>The words in which a verdict is given.</summary>
public static class VerdictWord
{
    /// <summary>Both pictures show the same product: they are in one group.</summary>
    public const string Same = "same";

    /// <summary>They show different products: they are not in one group.</summary>
    public const string Different = "different";

    /// <summary>A verdict is taken back.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>All of them, for messages.</summary>
    public const string List = "same, different or withdrawn";

    /// <summary>Whether a word is one of them.</summary>
    public static bool IsKnown(string? word) => word is Same or Different or Withdrawn;
}
