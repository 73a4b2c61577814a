using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Submissions;

/// <summary>Product keys in one form, whatever route they came by.</summary>
internal static class ProductKeyRule
{
    private static readonly string[] GtinPrefixes = ["gtin:", "ean:", "upc:"];

    /// <summary>The key and its scope; the problem when a GTIN is wrong and gives no key.</summary>
    /// <param name="key">As sent, or null.</param>
    /// <param name="scope">As sent: global, source or null.</param>
    public static (string? Key, string Scope, string? Problem) Normalise(string? key, string? scope)
    {
        if (string.IsNullOrWhiteSpace(key))
        {
            return (null, ProductKeyScope.Source, null);
        }

        var isGlobal = scope == ProductKeyScope.Global;
        var prefix = GtinPrefixes.FirstOrDefault(p => key.StartsWith(p, StringComparison.OrdinalIgnoreCase));
        var (digits, problem) = Gtin.Parse(prefix is null ? key : key[prefix.Length..]);
        if (prefix is null)
        {
            // A bare number that claims to hold everywhere and has a GTIN's check digit is one.
            return isGlobal && digits is not null
                ? Of(digits, isGlobal) : (key, isGlobal ? ProductKeyScope.Global : ProductKeyScope.Source, null);
        }

        return digits is null ? (null, ProductKeyScope.Source, $"product_key: {problem}; the image has no key.") : Of(digits, isGlobal);
    }

    private static (string Key, string Scope, string? Problem) Of(string digits, bool isGlobal) =>
        ($"gtin:{digits}", isGlobal && !Gtin.IsRestricted(digits) ? ProductKeyScope.Global : ProductKeyScope.Source, null);
}
