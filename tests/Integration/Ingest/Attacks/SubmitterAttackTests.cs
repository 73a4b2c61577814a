using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Attacks;

/// <summary>What a seller with a key may send to stop the service, each of which did.</summary>
public sealed class SubmitterAttackTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    private const string Feed = "https://example.com/feed.csv";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Schedule_ListOfTimesThatAParserReadsByRecursion_IsRefused()
    {
        using var shop = await ShopAsync();
        var cron = string.Concat(Enumerable.Repeat("1,", 80_000)) + "1 * * * *";

        using var answer = await shop.PutAsJsonAsync("/feed-schedules/x", new { source = "mine", url = Feed, cron }, Token);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("cron is longer than", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedules_MoreThanASourceMayHaveFeeds_AreRefused()
    {
        using var shop = await ShopAsync();
        await Database.ExecuteAsync(
            """
            insert into cpf.feed_schedules (name, cron, time_zone, enabled, source, url, format, snapshot, created_at, updated_at)
            select 's' || i, '@daily', 'UTC', false, 'mine', $1, 'csv', false, now(), now() from generate_series(1, 100) i
            """, Feed);
        object Schedule(string source) => new { source, url = Feed, cron = "@daily", enabled = false };

        using var further = await shop.PutAsJsonAsync("/feed-schedules/s101", Schedule("mine"), Token);
        Assert.Equal(HttpStatusCode.Conflict, further.StatusCode);
        Assert.Contains("100 schedules", await further.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await shop.PutAsJsonAsync("/feed-schedules/s100", Schedule("mine"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await Http.PutAsJsonAsync("/feed-schedules/s101", Schedule("other"), Token)).StatusCode);
    }

    [Fact]
    public async Task Feed_WithAnAddressOfMegabytes_IsRefusedUnread()
    {
        using var shop = await ShopAsync();
        shop.DefaultRequestHeaders.ExpectContinue = true; // A client that sends on while the connection is closed may not see the answer.
        var url = string.Create(CultureInfo.InvariantCulture, $"{Feed}?{new string('x', 2_000_000)}");

        Assert.Equal(
            HttpStatusCode.RequestEntityTooLarge, (await shop.PostAsJsonAsync("/feeds", new { source = "mine", url }, Token)).StatusCode);
    }

    private async Task<HttpClient> ShopAsync() =>
        TestKey.Client(Address, key: await TestKey.MakeAsync(Database, "shop", [AccessRole.Submit], ["mine"]));
}
