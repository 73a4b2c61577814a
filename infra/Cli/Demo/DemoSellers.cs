namespace CpfPipeline.Cli.Demo;

/// <summary>Who sells what in the demonstration: four sellers with pictures of their own, and one who reuses theirs.</summary>
internal static class DemoSellers
{
    public const string Reseller = "reseller";

    /// <summary>The seller by the vendor whose drawings it shows (the file name under pictures/).</summary>
    public static IReadOnlyDictionary<string, string> ByVendor { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["google"] = "noto",
        ["twitter"] = "twemoji",
        ["openmoji"] = "openmoji",
        ["fluent3d"] = "fluent",
    };

    public static string[] Sources { get; } = [.. ByVendor.Values, Reseller];

    /// <summary>
    /// The picture an image was made from: <c>noto/1f600</c>. The reseller's images are named by the seller they took it from:
    /// <c>1f600/noto~crop</c>.
    /// </summary>
    public static string OriginalOf(string source, string externalId)
    {
        if (source != Reseller)
        {
            return $"{source}/{externalId}";
        }

        var (slash, tilde) = (externalId.LastIndexOf('/'), externalId.LastIndexOf('~'));
        return $"{externalId[(slash + 1)..tilde]}/{externalId[..slash]}";
    }

    /// <summary>What the reseller calls a copy of a picture; <see cref="OriginalOf"/> reads it.</summary>
    public static string ResellerId(string codePoints, string vendor, string edit) => $"{codePoints}/{ByVendor[vendor]}~{edit}";
}
