using System.Collections.Concurrent;
using System.Diagnostics;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Fetching;

public sealed class HttpFetcherTests : IAsyncLifetime
{
    private WebApplication? _server;
    private int _flaky;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.MapGet("/ok", () => Results.Bytes(TestPictures.Gif(1)));
        _server.MapGet("/status/{code:int}", (int code) => Results.StatusCode(code));
        _server.MapGet("/flaky",
            () => Interlocked.Increment(ref _flaky) < 3 ? Results.StatusCode(503) : Results.Bytes(TestPictures.Gif(2)));
        _server.MapGet("/gzip", (HttpResponse response) => Packed(response, TestPictures.Gif(3)));
        _server.MapGet("/gzip-bomb", (HttpResponse response) => Packed(response, new byte[1_000_000]));
        _server.MapGet("/accept", (HttpRequest request) =>
            request.Headers.Accept.ToString() is var accept && !accept.Contains("image/*", StringComparison.Ordinal)
                && !accept.Contains("hei", StringComparison.Ordinal) && accept.Contains("image/avif", StringComparison.Ordinal)
                ? Results.Bytes(TestPictures.Gif(4))
                : Results.StatusCode(406));
        _server.MapGet("/later", (HttpResponse response) => { response.Headers.RetryAfter = "7"; return Results.StatusCode(503); });
        _server.MapGet("/quiet", (HttpRequest request) =>
            request.Headers.ContainsKey("traceparent") ? Results.StatusCode(406) : Results.Bytes(TestPictures.Gif(5)));
        _server.MapGet("/loop", () => Results.Redirect("/loop"));
        _server.MapGet("/once", () => Results.Redirect("/ok"));
        _server.MapGet("/to-file", () => Results.Redirect("file:///etc/passwd"));
        _server.MapGet("/to-metadata", () => Results.Redirect("http://169.254.169.254/latest"));
        _server.MapGet("/announced",
            (HttpResponse response) => { response.ContentLength = 5000; return response.Body.WriteAsync(new byte[5000]).AsTask(); });
        _server.MapGet("/endless", async (HttpResponse response, CancellationToken token) =>
        {
            while (!token.IsCancellationRequested)
            {
                await response.Body.WriteAsync(new byte[1000], token);
            }
        });
        _server.MapGet("/slow", async (HttpResponse response, CancellationToken token) =>
        {
            await response.Body.WriteAsync(new byte[1], token);
            await response.Body.FlushAsync(token);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    [Theory]
    [InlineData("/ok", null)]
    [InlineData("/once", null)]
    [InlineData("/gzip", null)]
    [InlineData("/gzip-bomb", RejectReasons.TooManyBytes)]
    [InlineData("/accept", null)]
    [InlineData("/status/404", RejectReasons.NotFound)]
    [InlineData("/status/410", RejectReasons.NotFound)]
    [InlineData("/status/403", RejectReasons.NotReadable)]
    [InlineData("/status/500", RejectReasons.FetchFailed)]
    [InlineData("/status/429", RejectReasons.FetchFailed)]
    [InlineData("/loop", RejectReasons.TooManyRedirects)]
    [InlineData("/to-file", RejectReasons.UnsupportedScheme)]
    [InlineData("/to-metadata", RejectReasons.PrivateAddress)]
    [InlineData("/announced", RejectReasons.TooManyBytes)]
    [InlineData("/endless", RejectReasons.TooManyBytes)]
    [InlineData("/slow", RejectReasons.FetchTimeout)]
    public async Task FetchAsync_EveryAnswer_IsBytesOrReason(string path, string? reason)
    {
        var outcome = await FetchAsync($"{_server!.Urls.Single()}{path}", allowed: true);
        Assert.Equal(reason, outcome.Reason);
        Assert.Equal(reason is null, outcome.Bytes is not null);
    }

    [Theory]
    [InlineData(ServerProof.UnknownAuthority)]
    [InlineData(ServerProof.OtherName)]
    [InlineData(ServerProof.Expired)]
    public async Task FetchAsync_ServerThatDoesNotProveWhoItIs_IsAskedNothing(ServerProof proof)
    {
        using var authority = new TestAuthority();
        await using var front = new TlsFront(
            authority.Issue("127.0.0.1", proof), _ => throw new IOException("nothing is to be asked"), onRequest: false);

        var outcome = await FetchAsync($"https://127.0.0.1:{front.Port}/ok", allowed: true);

        Assert.Equal(RejectReasons.FetchFailed, outcome.Reason);
        Assert.Equal(0, front.Believed);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("0")]
    public async Task FetchAsync_PrivateAddress_IsNotEvenConnected(string host)
    {
        var port = new Uri(_server!.Urls.Single()).Port;
        Assert.Equal(RejectReasons.PrivateAddress, (await FetchAsync($"http://{host}:{port}/ok", allowed: false)).Reason);
    }

    [Theory]
    [InlineData("/flaky", true)]
    [InlineData("/status/500", true)]
    [InlineData("/status/429", true)]
    [InlineData("/slow", true)]
    [InlineData("/status/404", false)]
    [InlineData("/loop", false)]
    public async Task FetchAsync_Failures_SayWhetherTheyMayPass(string path, bool mayRecover) =>
        Assert.Equal(mayRecover, (await FetchAsync($"{_server!.Urls.Single()}{path}", allowed: true)).MayRecover);

    [Fact]
    public async Task FetchAsync_WithinATrace_TellsTheHostNothingOfItAndTheSpanNoSecret()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var work = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();

        var port = new Uri(_server!.Urls.Single()).Port;
        var outcome = await FetchAsync($"http://somebody:secret-word@127.0.0.1:{port}/quiet?token=secret-token", allowed: true);

        Assert.NotNull(outcome.Bytes);
        var span = Assert.Single(spans, s => s.TraceId == work.TraceId);
        var told = string.Join(' ', span.TagObjects) + span.DisplayName;
        Assert.Contains("/quiet", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", told, StringComparison.Ordinal);
        Assert.DoesNotContain("somebody", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FetchAsync_RetryAfter_IsPassedOn() =>
        Assert.Equal(TimeSpan.FromSeconds(7), (await FetchAsync($"{_server!.Urls.Single()}/later", allowed: true)).RetryAfter);

    [Fact]
    public async Task FetchAsync_NoServer_Fails() =>
        Assert.Equal(RejectReasons.FetchFailed, (await FetchAsync("http://127.0.0.1:1/x", allowed: true)).Reason);

    private static async Task Packed(HttpResponse response, byte[] bytes)
    {
        using var packed = new MemoryStream();
        await using (
            var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(bytes);
        }

        response.Headers.ContentEncoding = "gzip";
        await response.Body.WriteAsync(packed.ToArray());
    }

    private static async Task<FetchOutcome> FetchAsync(string uri, bool allowed)
    {
        var options = Options.Create(new IngestOptions
        {
            MaxImageBytes = 4000,
            AllowedPrivateHosts = allowed ? ["127.0.0.1"] : [],
            FetchTimeout = TimeSpan.FromSeconds(3),
            FetchBackoff = TimeSpan.FromMilliseconds(10),
        });
        var hosts = new HostRule(options);
        using var exchange = new HttpExchange(options, hosts, new GuardedConnector(options, new SystemNetwork()), TimeProvider.System);
        var attempt = new FetchAttempt(
            options, new HostGates(options, TimeProvider.System), new SlowSources(options, TimeProvider.System), TimeProvider.System);
        var fetcher = new HttpFetcher(options, hosts, exchange, attempt);
        return await fetcher.FetchAsync(new Uri(uri), "s", options.Value.FetchTimeout, default);
    }
}
