using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Pressure;

/// <summary>Ingest refuses what it cannot take, before something breaks, and loses nothing that it took.</summary>
public sealed class IntakeGateTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    private const int Limit = 5;

    protected override IReadOnlyList<string> Settings =>
    [
        "--Ingest:MaxOutboxMessages", $"{Limit}", "--Ingest:MaxRequestsInFlight", "2", "--Ingest:RetryAfter", "00:00:07",
        "--Ingest:UploadTimeout", "00:00:00.5",
    ];

    [Fact]
    public async Task Upload_BodyThatDoesNotCome_EndsAndLeavesItsPlace()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Address.Host, Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /images/upload HTTP/1.1\r\nHost: {Address.Authority}\r\nAuthorization: Bearer {TestKey.Text}\r\n"
                + "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n"));

        await Assert.ThrowsAnyAsync<IOException>(() => stream.ReadExactlyAsync(new byte[1]).AsTask());
        await Until.TrueAsync(async () => (await JsonAsync(await Http.GetAsync(new Uri("/health", UriKind.Relative))))
            .GetProperty("details").GetProperty("intake").GetProperty("requests_in_flight").GetInt32() == 0);
    }

    [Fact]
    public async Task Submit_MoreWaitsForTheBrokerThanAllowed_Gets429WithRetryAfterUntilItIsGone()
    {
        // Messages that only a newer service can publish.
        await Database.ExecuteAsync(
            "insert into cpf.outbox (type, payload) select 'FromTheFuture', '{}' from generate_series(1, $1)", Limit + 1);
        HttpResponseMessage refused = null!;
        await Until.TrueAsync(async () => (refused = await SubmitAsync("a")).StatusCode == HttpStatusCode.TooManyRequests);

        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 7, 10);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.Contains("wait for the broker", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var health = await JsonAsync(await Http.GetAsync(new Uri("/health", UriKind.Relative)));
        var intake = health.GetProperty("details").GetProperty("intake");
        Assert.False(intake.GetProperty("open").GetBoolean());
        Assert.True(intake.GetProperty("requests_refused").GetInt64() > 0);

        await Database.ExecuteAsync("delete from cpf.outbox where type = 'FromTheFuture'");

        await Until.TrueAsync(async () => (await SubmitAsync("b")).StatusCode == HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Submit_ManyAtOnce_EachIsAcceptedAndThereOrGets429()
    {
        var uri = Picture("p.gif", 1);
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 300).Select(async i => (Id: $"{i}", (await SubmitAsync($"{i}", uri)).StatusCode)));

        var accepted = answers.Where(a => a.StatusCode == HttpStatusCode.Accepted).Select(a => a.Id).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(
            [HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests], answers.Select(a => a.StatusCode).Distinct().Order());
        await Until.TrueAsync(
            async () => await Database.ScalarAsync<long>("select count(*) from cpf.images where state = 'stored'") == accepted.Count);
        Assert.Equal(accepted, (await StatesAsync()).Select(s => s.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Upload_OfOneKey_LeavesPlacesToOthersAndIsCutOffWhenItStops()
    {
        var places = Options.Create(new IngestOptions { MaxRequestsInFlight = 4, MaxRequestsInFlightPerKey = 3 });
        var gate = new IntakeGate(places);
        var greedy = Enumerable.Range(0, 4).Select(_ => gate.TryEnter("key:greedy", IntakeWay.Always)).ToList();
        Assert.Equal([null, null, null], greedy.Take(3));
        Assert.Contains("of this key", greedy[3], StringComparison.Ordinal);
        Assert.Null(gate.TryEnter("key:other", IntakeWay.Always));
        Assert.NotNull(gate.TryEnter("key:third", IntakeWay.Always));
        gate.Leave("key:greedy");
        Assert.Null(gate.TryEnter("key:third", IntakeWay.Always));

        // Who sends too slowly does not keep a place: half a body, and then nothing.
        using var socket = new TcpClient();
        await socket.ConnectAsync(Address.Host, Address.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /images HTTP/1.1\r\nHost: x\r\nX-Api-Key: {TestKey.Text}\r\nContent-Length: 1000\r\n\r\n[\r\n"));
        using var reader = new StreamReader(socket.GetStream());
        var cutOff = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("408", cutOff ?? "408: closed without an answer", StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> SubmitAsync(string id, string uri = "https://shop.invalid/a.png") =>
        Http.PostAsJsonAsync("/images", new { source = "s", external_id = id, uri });
}
