namespace CpfPipeline.Ingest.Guard;

/// <summary>
/// A header that every fetch carries. The metadata services of clouds refuse requests that a proxy has passed on, which they know by it:
/// AWS when a token is asked for (IMDSv2), Google Cloud and Azure always. It is a second line behind the check of addresses.
/// </summary>
internal static class ForwardedFor
{
    public const string Header = "X-Forwarded-For";

    /// <summary>What proxies write that do not tell for whom they ask.</summary>
    public const string Value = "unknown";
}
