using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using CpfPipeline.Tests.Integration.Telemetry;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>What real services tell: traces, metrics and logs by OTLP, and metrics when they are scraped.</summary>
public sealed partial class TelemetryTests(SharedStack shared)
{
    private static readonly string[] Services = ["Ingest", "Embedder", "Matcher", "Trainer"];

    // A service exports every half a second (spans) and every two (metrics).
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Trace_OfASubmittedImage_GoesFromTheRequestToTheGroup()
    {
        var trace = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await SubmitAsync("traced", trace);

        (string Service, string Span)[] expected =
        [
            ("cpf-ingest", "POST /images/"), ("cpf-ingest", "publish SubmitImage"), ("cpf-ingest", "process cpf.submit-image"),
            ("cpf-ingest", "publish ContentStored"), ("cpf-embedder", "process cpf.content-stored"),
            ("cpf-embedder", "publish ContentsEmbedded"), ("cpf-matcher", "process cpf.contents-embedded"),
            ("cpf-matcher", "publish MatchGroupsChanged"),
        ];
        IReadOnlyList<OtlpSpan> spans = [];
        await Stack.UntilAsync(() =>
        {
            spans = shared.Telemetry.SpansOf(trace);
            return Task.FromResult(expected.All(e => spans.Any(s => (s.Service, s.Name) == e)));
        }, "the trace reaches the group", Patience);

        // One tree: every span but the request's hangs on another one, over the bus and the outbox too.
        var ids = spans.Select(s => s.SpanId).ToHashSet();
        Assert.Equal(["POST /images/"], spans.Where(s => !ids.Contains(s.ParentId)).Select(s => s.Name));
        Assert.Contains(spans, s => s.Scope == "Npgsql" && s.Service == "cpf-matcher");
        Assert.Contains(spans, s => s.Scope == "MassTransit");
    }

    [Fact]
    public async Task Telemetry_OfARunningInstallation_HoldsNoSecret()
    {
        var (link, word, query) = (Secret(), Secret(), Secret());
        using var ingest = await shared.Stack.ClientAsync("Ingest");
        using (await ingest.GetAsync($"/sign-in/links/{link}?next={query}"))
        using (await ingest.GetAsync($"/health?key={query}"))
        using (await ingest.PostAsJsonAsync(
            "/images", new { source = "secrets", external_id = "1", uri = $"http://user:{word}@127.0.0.1:1/x.png?token={query}" }))
        {
        }

        await SubmitAsync("secrets-too", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        await Stack.UntilAsync(
            async () => (await shared.Stack.QueryAsync<long>(
                "select count(*) from cpf.images where source = 'secrets' and state = 'rejected'"))[0] == 1,
            "the address is refused");
        await NextExportsAsync();

        using var state = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(shared.Stack.Home, "state.json")));
        List<(string Name, string Secret)> secrets =
        [
            .. state.RootElement.EnumerateObject()
                .Where(p => p.Value.ValueKind == JsonValueKind.String && p.Value.GetString()!.Length >= 20)
                .Select(p => (p.Name, p.Value.GetString()!)),
            ("token of a link", link), ("password in an address", word), ("query", query),
        ];
        Assert.True(secrets.Count >= 9, "the state file holds fewer secrets than there are passwords");
        var places = shared.Telemetry.Exports.Select(e => (Name: e.Path, e.Body)).ToList();
        foreach (var service in Services)
        {
            places.Add(($"/metrics of {service}", Encoding.UTF8.GetBytes(await ScrapeAsync(service))));
        }

        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], places.Select(p => p.Name).Where(n => n[1] == 'v').Distinct().Order());
        Assert.Contains(places, p => Holds(p.Body, "GET /sign-in/links/{token}"));
        Assert.Empty((from place in places
                      from secret in secrets
                      where Holds(place.Body, secret.Secret)
                      select $"{secret.Name} is in {place.Name}").Distinct());
    }

    [Fact]
    public async Task Metrics_OfEveryService_AreThoseOfTheTable()
    {
        await SubmitAsync("measured", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        var wrong = new List<string>();
        foreach (var service in Services)
        {
            var documented = MetricRow.ReadAll(Cli.Checkout).Where(row => row.Services.Contains(service)).ToList();
            var known = documented.Select(row => row.Name).ToHashSet();
            List<string> found = [];
            await Stack.UntilAsync(async () =>
            {
                found = [.. Family().Matches(await ScrapeAsync(service)).Select(f => f.Groups[1].Value)];
                return documented.All(row => row.MayBeMissing || found.Contains(row.Name));
            }, $"{service} tells all that the table says", Patience);
            wrong.AddRange(found.Where(name => name.StartsWith("cpf_", StringComparison.Ordinal) && !known.Contains(name))
                .Select(name => $"{service} has {name}, which the table does not give it"));
        }

        Assert.Empty(wrong);
    }

    private static bool Holds(byte[] body, string text) => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private async Task<string> ScrapeAsync(string service)
    {
        using var client = shared.Stack.Client(service, Patience);
        return await client.GetStringAsync("/metrics");
    }

    // A picture in a trace of its own, until it is in a group. Bytes after its end make it a content that no other test has.
    private async Task SubmitAsync(string source, string trace)
    {
        var folder = shared.NewFolder();
        var picture = Path.Combine(folder, PictureFolder.Fill(folder, "google", 1)[0] + ".png");
        await File.AppendAllBytesAsync(picture, RandomNumberGenerator.GetBytes(16));
        using var ingest = await shared.Stack.ClientAsync("Ingest");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/images")
        {
            Content = JsonContent.Create(new { source, external_id = "1", uri = new Uri(picture).AbsoluteUri }),
        };
        request.Headers.Add("traceparent", $"00-{trace}-00000000000000a1-01");
        using var accepted = await ingest.SendAsync(request);
        Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync());
        await Stack.UntilAsync(
            async () => (await shared.Stack.QueryAsync<long>(
                "select count(*) from cpf.image_status where source = $1 and status = 'matched'", source))[0] == 1,
            "the image is matched");
    }

    // What was measured until now has been exported once each signal has come again.
    private async Task NextExportsAsync()
    {
        var before = shared.Telemetry.Exports.Count;
        await Stack.UntilAsync(
            () => Task.FromResult(shared.Telemetry.Exports.Skip(before).Count(e => e.Path == "/v1/metrics") >= 2 * Services.Length),
            "the next metrics come", Patience);
    }

    [GeneratedRegex("^# TYPE ([a-z0-9_]+) ", RegexOptions.Multiline)]
    private static partial Regex Family();
}
