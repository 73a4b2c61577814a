namespace CpfPipeline.Vocabulary;

/// <summary>Among whose images a product key names one product.</summary>
public static class ProductKeyScope
{
    /// <summary>Everybody's: a GTIN, or brand and part number.</summary>
    public const string Global = "global";

    /// <summary>Those of the image's own source.</summary>
    public const string Source = "source";
}
