namespace CpfPipeline.Ingest.Api;

/// <summary>A feed's URL as it may be shown to anyone: a query often holds a password.</summary>
internal static class ShownUrl
{
    public static string? Of(string? url)
    {
        var query = url?.IndexOfAny(['?', '#']) ?? -1;
        return query < 0 ? url : url![..query];
    }
}
