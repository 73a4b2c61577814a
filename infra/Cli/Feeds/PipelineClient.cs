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
        string service, HttpClient client, HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        ServiceAnswer.Read<T>(service, $"{method} {path}", await SendAsync(service, client, method, path, body, cancellationToken));

    private static async Task<string> SendAsync(
        string service, HttpClient client, HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        (await ServiceAnswer.SendAsync(service, client, method, path, body, null, cancellationToken)).ThrowUnlessGood().Text;

    private sealed record FeedAccepted
    {
        public required long FeedId { get; init; }
    }
}
