using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Probes;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Find;

/// <summary>A picture compared with the catalogue, as a browser without script sends it.</summary>
public sealed partial class ProbePagesTests(TestDatabases databases) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-probes-");
    private readonly AnsweringBus _bus = AnsweringBus.Create();
    private Catalogue _catalogue = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FolderProbeStore Probes => new(Path.Combine(_folder.FullName, "probes"));

    [Fact]
    public async Task Find_APicture_ShowsItsNeighboursAndItsGroupAndKeepsNothing()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await StartAsync(database);
        var group = await database.ScalarAsync<long>("select max(group_id) from cpf.groups");
        var embedding = (await database.QueryAsync("select embedding from cpf.embeddings where content_id = $1", group))[0][0]!;
        byte[]? seen = null;
        _bus.Asked = async asked =>
        {
            seen = await Probes.ReadAsync(asked.ProbeId, ProbePart.Received, Token);
            await AnswerAsync(asked, ProbeOf((Pgvector.HalfVector)embedding));
        };
        var before = await database.QueryAsync(Everything);

        var (status, page, headers) = await SendAsync(matcher, [1, 2, 3]);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([1, 2, 3], seen);
        Assert.Contains($"It would join <a href=\"/gallery/{group}\">a group of", page, StringComparison.Ordinal);
        var size = await database.ScalarAsync<int>("select size from cpf.groups where group_id = $1", group);
        var neighbours = Neighbour().Matches(page).Select(m => m.Groups[1].Value).ToList();
        Assert.InRange(neighbours.Count, size, 12);
        Assert.Equal(neighbours.Distinct(), neighbours);
        Assert.Contains($"href=\"/gallery/{group}#p{group}\"", page, StringComparison.Ordinal);
        Assert.Contains("src=\"data:image/webp;base64,CQ==\"", page, StringComparison.Ordinal);
        Assert.Contains("1.000 (&#x2B;0.100)", page, StringComparison.Ordinal);
        Assert.Contains("img-src 'self' data:", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("no-store", headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await database.QueryAsync(Everything));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.FullName, "probes")));
    }

    [Fact]
    public async Task Find_AnAddress_IsGivenToIngestAndItsRefusalIsShown()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await StartAsync(database);
        string? asked = null;
        _bus.Asked = check =>
        {
            asked = check.Uri;
            return AnswerAsync(check, ProbeAnswer.Refuse(RejectReasons.PrivateAddress, "localhost is <private>."));
        };

        var (status, page, _) = await SendAsync(matcher, null, "http://localhost/\"x");

        Assert.Equal("http://localhost/\"x", asked);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("Refused (private_address): localhost is &lt;private&gt;.", page, StringComparison.Ordinal);
        Assert.Contains("value=\"http://localhost/&quot;x\"", page, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.FullName, "probes")));
    }

    [Theory]
    [InlineData(false, "Ingest did not answer within 0.3 s")]
    [InlineData(true, "The Embedder did not answer within 0.3 s")]
    public async Task Find_AServiceThatIsDown_IsNamedInTime(bool isChecked, string words)
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await StartAsync(database, ("MaxProbeWait", "00:00:00.3"));
        _bus.Asked = async asked =>
        {
            if (isChecked)
            {
                await Probes.WriteAsync(asked.ProbeId, ProbePart.Checked, new byte[] { 1 }, Token);
            }
        };

        var (status, page, headers) = await SendAsync(matcher, [1]);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.NotNull(headers.RetryAfter);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.FullName, "probes")));
    }

    [Fact]
    public async Task Find_TooLargeOrNothingOrUnsigned_SaysSo()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await StartAsync(database, ("MaxProbeBytes", "100000"));

        var (status, page, _) = await SendAsync(matcher, new byte[100_001]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("too large: 100 kB is the most", page, StringComparison.Ordinal);
        (status, page, _) = await SendAsync(matcher, new byte[400_000]); // Not even read.
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("too large: 100 kB is the most", page, StringComparison.Ordinal);
        (status, page, _) = await SendAsync(matcher, new byte[400_000], chunked: true);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("too large", page, StringComparison.Ordinal);

        (status, page, _) = await SendAsync(matcher, null, "http://shop.example/" + new string('a', 16_365));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("longer than 16,384 bytes", page, StringComparison.Ordinal);
        (status, page, _) = await SendAsync(matcher, null, "  ");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("Choose a picture", page, StringComparison.Ordinal);
        (status, page, _) = await SendAsync(matcher, [1], signed: false);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("out of date", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_AHostThatAsksForAPause_IsNoRefusal()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await StartAsync(database);
        _bus.Asked = check => AnswerAsync(
            check, ProbeAnswer.Refuse(RejectReasons.FetchFailed, "The server answered 429.") with
            {
                MayRecover = true, RetryAfter = TimeSpan.FromSeconds(6.5),
            });

        var (status, page, headers) = await SendAsync(matcher, null, "http://shop.example/a.png");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("The server answered 429. Try again in 7 s, or upload the picture.", page, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(7), headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Find_TooManyAtOnce_AreToldToWait()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await StartAsync(database, ("MaxProbesAtOnce", "1"));
        var (arrived, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        _bus.Asked = async asked =>
        {
            arrived.TrySetResult();
            await go.Task;
            await AnswerAsync(asked, ProbeAnswer.Refuse("r", "d"));
        };
        var first = SendAsync(matcher, [1]);
        await arrived.Task;

        var (status, page, headers) = await SendAsync(matcher, [1]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("Too many pictures are being compared", page, StringComparison.Ordinal);
        Assert.NotNull(headers.RetryAfter);

        go.SetResult();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await first).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(matcher, [1])).Status);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private const string Everything = """
        select (select count(*) from cpf.contents), (select count(*) from cpf.images), (select count(*) from cpf.embeddings),
               (select count(*) from cpf.group_members), (select count(*) from cpf.outbox)
        """;

    private async Task<RunningMatcher> StartAsync(TestDatabase database, params (string Name, string Value)[] settings)
    {
        _catalogue = await GroupedCatalogue.CreateAsync(database, products: 3);
        return await RunningMatcher.StartAsync(database, Token, configure: builder =>
        {
            builder.Services.AddSingleton((IBus)(object)_bus);
            builder.Services.AddSingleton<IProbeStore>(Probes);
            foreach (var (name, value) in settings)
            {
                builder.Configuration[$"{MatcherOptions.Section}:{name}"] = value;
            }
        });
    }

    private ProbeAnswer ProbeOf(Pgvector.HalfVector embedding) => new()
    {
        Sha256 = new byte[32], HeadId = _catalogue.Model.HeadId, EmbeddingBytes = ProbeAnswer.BytesOf(embedding.Memory.Span),
        Thumbnail = [9],
    };

    private Task AnswerAsync(CheckProbe asked, ProbeAnswer answer) =>
        Probes.WriteAsync(asked.ProbeId, ProbePart.Answer, answer.ToJson(), Token);

    private static async Task<(HttpStatusCode Status, string Page, HttpResponseHeaders Headers)> SendAsync(
        RunningMatcher matcher, byte[]? picture, string uri = "", bool chunked = false, bool signed = true)
    {
        var form = await matcher.Client.GetStringAsync("/find", Token);
        using var content = new MultipartFormDataContent();
        if (signed)
        {
            content.Add(new StringContent(FormToken().Match(form).Groups[1].Value), "__RequestVerificationToken");
        }

        content.Add(new StringContent(uri), "uri");

        // A browser sends an empty part for a file that was not chosen.
        var file = new ByteArrayContent(picture ?? []);
        file.Headers.ContentDisposition = new("form-data") { Name = "picture", FileName = picture is null ? "\"\"" : "a.png" };
        content.Add(file);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/find") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await matcher.Client.SendAsync(request, Token);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token), answer.Headers);
    }

    [GeneratedRegex("""name="__RequestVerificationToken"[^>]* value="([^"]+)""")]
    private static partial Regex FormToken();

    [GeneratedRegex("""src="/contents/(\d+)/thumbnail""")]
    private static partial Regex Neighbour();
}
