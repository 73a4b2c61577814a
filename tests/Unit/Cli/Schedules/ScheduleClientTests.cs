using System.Net;
using System.Text;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Schedules;
using CpfPipeline.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Schedules;

public sealed class ScheduleClientTests : HttpMessageHandler
{
    private const string Answer = """
        {"name": "night/1", "cron": "@daily", "time_zone": "UTC", "enabled": true, "source": "shop", "url": "https://shop.example/f.csv",
         "next_run_at": "2026-01-02T00:00:00Z", "last_feed_id": "9007199254740993", "last_state": "finished", "last_unchanged": true}
        """;

    private string? _asked;
    private HttpStatusCode _status = HttpStatusCode.OK;
    private string _answer = Answer;

    [Fact]
    public async Task PutAsync_Address_HandsInTheFeedWithItsTimes()
    {
        using var ingest = Client();
        var feed = FeedBody.Of("https://shop.example/f.csv", "shop", null, true, "csv", "30%");

        var schedule = await new ScheduleClient(ingest).PutAsync(
            "night/1", ScheduleBody.Of(feed, "30 3 * * *", "Europe/Berlin", enabled: true), CancellationToken.None);

        Assert.Equal(
            """PUT /feed-schedules/night%2F1 {"cron":"30 3 * * *","time_zone":"Europe/Berlin","enabled":"""
            + """true,"source":"shop","url":"https://shop.example/f.csv","format":"csv","keys":null,"snapshot":true,"max_retract":0.3}""",
            _asked);
        Assert.Equal((9_007_199_254_740_993, "finished"), (schedule.LastFeedId, schedule.LastState));
    }

    [Fact]
    public async Task RemoveAsync_Unknown_TellsIngestsReason()
    {
        using var ingest = Client();
        (_status, _answer) = (HttpStatusCode.NotFound, """{"detail": "There is no schedule none."}""");

        var e = await Assert.ThrowsAsync<CommandException>(
            () => new ScheduleClient(ingest).RemoveAsync("none", null, CancellationToken.None));

        Assert.Equal(ExitCode.Usage, e.ExitCode);
        Assert.Contains("There is no schedule none.", e.Message, StringComparison.Ordinal);
        Assert.Equal("DELETE /feed-schedules/none ", _asked);
        await Assert.ThrowsAsync<CommandException>(
            () => new ScheduleClient(ingest).RemoveAsync("none", "shop a", CancellationToken.None));
        Assert.Equal("DELETE /feed-schedules/none?source=shop%20a ", _asked);
    }

    [Fact]
    public async Task ListAsync_Schedules_AreRead()
    {
        using var ingest = Client();
        _answer = $"[{Answer}]";

        Assert.Equal("night/1", Assert.Single(await new ScheduleClient(ingest).ListAsync(CancellationToken.None)).Name);
        Assert.Equal(_answer, await new ScheduleClient(ingest).ListJsonAsync(CancellationToken.None));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        _asked = $"{request.Method} {request.RequestUri!.PathAndQuery} {body}";
        return new(_status) { Content = new StringContent(_answer, Encoding.UTF8, "application/json") };
    }

    private ServiceClient Client() => new("Ingest", new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://ingest") });
}
