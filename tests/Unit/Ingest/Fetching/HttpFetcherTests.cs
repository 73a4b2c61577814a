using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class HttpFetcherTests
{
    // These parse as URIs but have no form in ASCII, which a connection needs: found out before anything is sent.
    [Theory]
    [InlineData("http://xn--\u00e9/x.jpg")]
    [InlineData("http://xn--\u00e9.xn--zzzzzzzzzzzz/x.jpg")]
    public async Task FetchAsync_HostThatIsNoName_IsInvalid(string uri)
    {
        var options = Options.Create(new IngestOptions());
        var hosts = new HostRule(options);
        using var exchange = new HttpExchange(options, hosts, new GuardedConnector(options, new SystemNetwork()), TimeProvider.System);
        var attempt = new FetchAttempt(
            options, new HostGates(options, TimeProvider.System), new SlowSources(options, TimeProvider.System), TimeProvider.System);
        var fetcher = new HttpFetcher(options, hosts, exchange, attempt);
        var outcome = await fetcher.FetchAsync(new Uri(uri), "s", TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(RejectReasons.InvalidUri, outcome.Reason);
    }
}
