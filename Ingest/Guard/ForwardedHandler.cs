namespace CpfPipeline.Ingest.Guard;

/// <summary>
/// Gives every request a header. The metadata services of clouds refuse requests that a proxy has passed on, which they know by it: AWS
/// when a token is asked for (IMDSv2), Google Cloud and Azure always. It is a second line behind the check of addresses.
/// </summary>
/// <param name="inner">Sends the requests; disposed with this one.</param>
internal sealed class ForwardedHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Header = "X-Forwarded-For";

    // What proxies write that do not tell for whom they ask.
    private const string Value = "unknown";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add(Header, Value);
        return base.SendAsync(request, cancellationToken);
    }
}
