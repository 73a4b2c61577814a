using System.Net;
using System.Net.Http.Json;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest;

/// <summary>
/// The wires to PostgreSQL and RabbitMQ are cut, go silent, or lead to another server. Nothing that was accepted is lost.
/// </summary>
public sealed class CutWiresTests(TestDatabases databases, TestBroker broker) : RunningIngest(databases, broker)
{
    private CutWire _postgres = null!;
    private CutWire _other = null!;
    private CutWire _rabbitMq = null!;

    [Fact]
    public async Task Broker_CutWhileImagesAreSubmitted_TheyAreAcceptedAndHandledOnceItIsBack()
    {
        var uri = Picture("a.gif", 1);
        Assert.Equal(HttpStatusCode.Accepted, (await SubmitAsync("before", uri)).StatusCode);
        _rabbitMq.Cut(refuse: true);

        Assert.Equal(HttpStatusCode.Accepted, (await SubmitAsync("meanwhile", uri)).StatusCode);
        _rabbitMq.Mend();

        await Until.TrueAsync(async () => (await StatesAsync()).SequenceEqual(["before stored", "meanwhile stored"]));
    }

    [Fact]
    public async Task Postgres_FirstHostGone_TheSecondOneIsUsed()
    {
        var uri = Picture("a.gif", 1);
        Assert.Equal(HttpStatusCode.Accepted, (await SubmitAsync("before", uri)).StatusCode);

        _postgres.Cut(refuse: true);

        await Until.TrueAsync(async () => (await SubmitAsync("after", uri)).StatusCode == HttpStatusCode.Accepted);
        await Until.TrueAsync(async () => (await StatesAsync()).SequenceEqual(["after stored", "before stored"]));
        Assert.Empty(await FailedQueuesAsync());
    }

    [Fact]
    public async Task Postgres_AllHostsSilentThenCut_MessagesWaitAndRequestsSayThatItIsBroken()
    {
        var uri = Picture("a.gif", 1);
        _postgres.Silence();
        var accepted = SubmitAsync("silent", uri);
        await Until.TrueAsync(() => Task.FromResult(_postgres.HoldsBack));
        _postgres.Cut(refuse: true);
        _other.Cut(refuse: true);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await accepted).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SubmitAsync("cut", uri)).StatusCode);

        _postgres.Mend();

        await Until.TrueAsync(async () => (await SubmitAsync("after", uri)).StatusCode == HttpStatusCode.Accepted);
        await Until.TrueAsync(async () => (await StatesAsync()).Contains("after stored"));
        Assert.Empty(await FailedQueuesAsync());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _postgres.DisposeAsync();
        await _other.DisposeAsync();
        await _rabbitMq.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override string WayToPostgres(string connectionString)
    {
        var real = new NpgsqlConnectionStringBuilder(connectionString);
        (_postgres, _other) = (new CutWire(real.Host!, real.Port), new CutWire(real.Host!, real.Port));
        return new NpgsqlConnectionStringBuilder(connectionString)
        {
            Host = $"127.0.0.1:{_postgres.Port},127.0.0.1:{_other.Port}", Timeout = 5,
        }.ConnectionString;
    }

    protected override Uri WayToRabbitMq(Uri address)
    {
        _rabbitMq = new CutWire(address.Host, address.Port);
        return new UriBuilder(address) { Host = "127.0.0.1", Port = _rabbitMq.Port }.Uri;
    }

    private async Task<IEnumerable<string>> FailedQueuesAsync()
    {
        var health = await JsonAsync(await Http.GetAsync(new Uri("/health", UriKind.Relative)));
        return health.GetProperty("queues").EnumerateObject().Select(q => q.Name)
            .Where(q => q.EndsWith("_error", StringComparison.Ordinal) || q == "cpf.dead-letter").ToList();
    }

    private Task<HttpResponseMessage> SubmitAsync(string id, string uri) =>
        Http.PostAsJsonAsync("/images", new { source = "s", external_id = id, uri });
}
