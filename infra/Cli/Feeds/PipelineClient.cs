using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Cli.Erasures;
using CpfPipeline.Cli.Review;

namespace CpfPipeline.Cli.Feeds;

/// <summary>The calls that change things: hand in a feed, reconcile, say what people know, erase.</summary>
/// <param name="ingest">Carries the base address of Ingest and the operator's token.</param>
/// <param name="matcher">The same for the Matcher.</param>
internal sealed class PipelineClient(HttpClient ingest, HttpClient matcher) : IDisposable
{
    /// <summary>How bodies are written.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Queues a feed.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="CommandException">Ingest does not answer (3), or refuses the feed (2).</exception>
    public async Task<long> SubmitFeedAsync(FeedRequest feed, CancellationToken cancellationToken) =>
        (await PostAsync<FeedAccepted>("Ingest", ingest, "/feeds", feed, cancellationToken)).FeedId;

    /// <summary>Has the Matcher join exactly what was only searched for so far; answers when that is done.</summary>
    /// <exception cref="CommandException">The Matcher does not answer.</exception>
    public async Task<ReconcileOutcome> ReconcileAsync(CancellationToken cancellationToken) =>
        await PostAsync<ReconcileOutcome>("Matcher", matcher, "/reconcile", null, cancellationToken);

    /// <summary>Gives or withdraws a verdict; answers when the groups have followed.</summary>
    /// <exception cref="CommandException">The Matcher does not answer (3), or refuses the verdict (2).</exception>
    public Task<VerdictTaken> GiveVerdictAsync(VerdictRequest verdict, CancellationToken cancellationToken) =>
        PostAsync<VerdictTaken>("Matcher", matcher, "/verdicts", verdict, cancellationToken);

    /// <summary>Says whether a picture is a placeholder; answers when the groups have followed.</summary>
    /// <exception cref="CommandException">The Matcher does not answer (3), or refuses it (2).</exception>
    public async Task OverridePlaceholderAsync(PlaceholderRequest request, CancellationToken cancellationToken) =>
        await SendAsync("Matcher", matcher, HttpMethod.Post, "/placeholders", request, cancellationToken);

    /// <summary>Sets from how many products on a picture is a placeholder; answers when the groups have followed.</summary>
    /// <exception cref="CommandException">The Matcher does not answer (3), or refuses it (2).</exception>
    public async Task SetPlaceholderPolicyAsync(int minProductKeys, CancellationToken cancellationToken) =>
        await SendAsync("Matcher", matcher, HttpMethod.Put, "/placeholders/policy", new { MinProductKeys = minProductKeys }, cancellationToken);

    /// <summary>Asks for an image or a content to be erased.</summary>
    /// <exception cref="CommandException">Ingest does not answer (3), or knows no such thing (2).</exception>
    public async Task<Erasure> EraseAsync(ErasureRequest request, CancellationToken cancellationToken) =>
        await PostAsync<Erasure>("Ingest", ingest, "/erasures", request, cancellationToken);

    /// <summary>How far an erasure is.</summary>
    /// <exception cref="CommandException">Ingest does not answer.</exception>
    public async Task<Erasure> FindErasureAsync(long erasureId, CancellationToken cancellationToken) =>
        await SendAsync<Erasure>("Ingest", ingest, HttpMethod.Get, $"/erasures/{erasureId}", null, cancellationToken);

    public void Dispose()
    {
        ingest.Dispose();
        matcher.Dispose();
    }

    private static Task<T> PostAsync<T>(string service, HttpClient client, string path, object? body, CancellationToken cancellationToken) =>
        SendAsync<T>(service, client, HttpMethod.Post, path, body, cancellationToken);

    private static async Task<T> SendAsync<T>(
        string service, HttpClient client, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        var text = await SendAsync(service, client, method, path, body, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize<T>(text, Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw CommandException.Infrastructure($"{service} answered {method} {path} with something else than expected: {e.Message}");
        }
    }

    private static async Task<string> SendAsync(
        string service, HttpClient client, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            using var content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Json);
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
            response = await client.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new ServiceSilentException(
                $"{service} does not answer at {client.BaseAddress} ({e.Message}): infra/cpf up starts it, infra/cpf logs {service.ToLowerInvariant()} tells why it stopped");
        }

        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return text;
            }

            var code = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity
                ? ExitCode.Usage
                : ExitCode.Infrastructure;
            throw new CommandException(code, $"{service} refused ({(int)response.StatusCode}): {Reason(text, response.ReasonPhrase)}");
        }
    }

    // RFC 9457 problem details where the service sends them.
    private static string Reason(string body, string? phrase)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var name in new[] { "detail", "title", "error" })
            {
                if (document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                {
                    return value.GetString()!;
                }
            }
        }
        catch (JsonException)
        {
            // Plain text, or nothing.
        }

        return body.Length is > 0 and < 500 ? body.ReplaceLineEndings(" ").Trim() : phrase ?? "no reason given";
    }

    private sealed record FeedAccepted
    {
        public required long FeedId { get; init; }
    }
}
