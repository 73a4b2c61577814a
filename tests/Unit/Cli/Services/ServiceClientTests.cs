using System.Net;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Erasures;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Services;

public sealed class ServiceClientTests
{
    private static readonly FeedBody Feed = new("/f/shop", "shop", "folder", "/f/labels.csv", true);

    [Fact]
    public async Task SubmitFeedAsync_Accepted_PostsTheFeedAndReturnsItsId()
    {
        string? asked = null;
        using var client = PlayedService.Client("Ingest", (request, body) =>
        {
            asked = $"{request.Method} {request.RequestUri} {body}";
            return PlayedService.Json(HttpStatusCode.Accepted, """{"feed_id": 12, "state": "queued"}""");
        });

        Assert.Equal(12, await new FeedClient(client).SubmitAsync(Feed, CancellationToken.None));
        Assert.Equal(
            """POST http://ingest/feeds {"path":"/f/shop","source":"shop","format":"folder","keys":"/f/labels.csv","snapshot":true}""",
            asked);
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, ExitCode.Usage)]
    [InlineData(HttpStatusCode.Unauthorized, ExitCode.Infrastructure)]
    [InlineData(HttpStatusCode.ServiceUnavailable, ExitCode.Infrastructure)]
    internal async Task SubmitFeedAsync_Refused_TellsTheServicesReason(HttpStatusCode status, ExitCode exitCode)
    {
        using var client = PlayedService.Client(
            "Ingest", (_, _) => PlayedService.Json(status, """{"title": "Bad", "detail": "the keys are unreadable"}"""));

        var e = await Assert.ThrowsAnyAsync<CommandException>(() => new FeedClient(client).SubmitAsync(Feed, CancellationToken.None));

        Assert.Equal(exitCode, e.ExitCode);
        Assert.Contains("the keys are unreadable", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubmitFeedAsync_NoService_NamesIt()
    {
        using var client = PlayedService.Client("Ingest", (_, _) => throw new HttpRequestException("connection refused"));

        var e = await Assert.ThrowsAsync<ServiceSilentException>(() => new FeedClient(client).SubmitAsync(Feed, CancellationToken.None));

        Assert.Equal(ExitCode.Infrastructure, e.ExitCode);
        Assert.Contains("Ingest does not answer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubmitFeedAsync_AnswerWithoutId_IsAnError()
    {
        using var client = PlayedService.Client("Ingest", (_, _) => PlayedService.Json(HttpStatusCode.OK, "{}"));

        Assert.Equal(ExitCode.Infrastructure, (await Assert.ThrowsAnyAsync<CommandException>(() =>
            new FeedClient(client).SubmitAsync(Feed, CancellationToken.None))).ExitCode);
    }

    [Fact]
    public async Task EraseAsync_Image_PostsOnlyWhatIsGiven()
    {
        string? asked = null;
        using var client = PlayedService.Client("Ingest", (request, body) =>
        {
            asked = $"{request.Method} {request.RequestUri} {body}";
            return PlayedService.Json(HttpStatusCode.Accepted, """
                {"erasure_id": 3, "scope": "image", "state": "unlinked", "tombstone": "ab",
                 "requested_at": "2026-01-02T03:04:05+00:00", "finished_at": null,
                 "who": "me", "note": null, "counts": {"images": 1}, "record_hash": null}
                """);
        });

        var erasure = await new ErasureClient(client).EraseAsync(ErasureBody.Of(["shop", "a"], null, "me", null), CancellationToken.None);

        Assert.Equal("""POST http://ingest/erasures {"source":"shop","external_id":"a","who":"me"}""", asked);
        Assert.Equal((3, 1, false), (erasure.ErasureId, erasure.Counts["images"], erasure.IsFinished));
    }

    [Fact]
    public async Task ReconcileAsync_Done_ReadsTheOutcome()
    {
        const string outcome = """{"contents": 5000, "gallery": 100000, "pairs": 900, "missed_pairs": 9, "recall": 0.99}""";
        using var client = PlayedService.Client("Matcher", (request, _) => request.RequestUri == new Uri("http://matcher/reconcile")
            ? PlayedService.Json(HttpStatusCode.OK, outcome) : PlayedService.Json(HttpStatusCode.NotFound, ""));

        Assert.Equal(
            new ReconcileAnswer(5000, 100000, 900, 9, .99), await new ReconcileClient(client).ReconcileAsync(CancellationToken.None));
    }
}
