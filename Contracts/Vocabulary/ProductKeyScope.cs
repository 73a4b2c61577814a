namespace CpfPipeline.Vocabulary;

/// <summary>The images among which a product key names one product.</summary>
public static class ProductKeyScope
{
    /// <summary>All images: a GTIN, or brand and part number.</summary>
    public const string Global = "global";

    /// <summary>The images of one source: the seller's own number.</summary>
    public const string Source = "source";
}
