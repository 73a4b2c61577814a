using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Services;

/// <summary>The HTTP API of one service.</summary>
/// <param name="name">The service: <c>Ingest</c>.</param>
/// <param name="http">Carries the base address and the key.</param>
internal sealed class ServiceClient(string name, HttpClient http) : IDisposable
{
    /// <summary>How bodies are written and read, and what <c>--json</c> prints: ids are strings.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(JsonIds.WriteAsText),
    };

    /// <summary>The same for people, with a line for each member.</summary>
    public static readonly JsonSerializerOptions IndentedJson = new(Json) { WriteIndented = true };

    public static ServiceClient Of(Installation installation, string name) => new(name, installation.Client(name));

    /// <summary>A path of the service as an address for a browser.</summary>
    public Uri AddressOf(string path) => new(http.BaseAddress!, path);

    /// <summary>Sends a request.</summary>
    /// <returns>The answer, also a refusal.</returns>
    /// <exception cref="ServiceSilentException">The service does not answer.</exception>
    public Task<ServiceAnswer> SendAsync(
        HttpMethod method, string path, object? body, IReadOnlyDictionary<string, string>? headers, CancellationToken cancellationToken) =>
        ServiceAnswer.SendAsync(name, http, method, path, body, headers, cancellationToken);

    /// <exception cref="CommandException">The service does not answer (3), or refuses (2 for what the user can mend, else 3).</exception>
    public async Task<string> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        (await SendAsync(method, path, body, null, cancellationToken)).ThrowUnlessGood().Text;

    /// <inheritdoc cref="SendAsync(HttpMethod, string, object?, CancellationToken)"/>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, path, null, null, cancellationToken)).ThrowUnlessGood().Read<T>($"GET {path}");

    /// <inheritdoc cref="SendAsync(HttpMethod, string, object?, CancellationToken)"/>
    public async Task<T> PostAsync<T>(string path, object? body, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Post, path, body, null, cancellationToken)).ThrowUnlessGood().Read<T>($"POST {path}");

    /// <summary>Writes what a GET answers into a stream.</summary>
    /// <returns>Its ETag without quotes.</returns>
    /// <exception cref="CommandException">The service does not answer (3), or refuses (2 for what the user can mend, else 3).</exception>
    public async Task<string?> DownloadAsync(string path, Stream target, CancellationToken cancellationToken)
    {
        var (answer, tag) = await ServiceAnswer.DownloadAsync(name, http, path, target, cancellationToken);
        answer.ThrowUnlessGood();
        return tag;
    }

    /// <summary>Writes what a GET answers into a stream when it is good.</summary>
    /// <returns>The answer, also a refusal.</returns>
    /// <exception cref="ServiceSilentException">The service does not answer.</exception>
    public async Task<ServiceAnswer> TryDownloadAsync(string path, Stream target, CancellationToken cancellationToken) =>
        (await ServiceAnswer.DownloadAsync(name, http, path, target, cancellationToken)).Answer;

    /// <summary>Posts, and hands on each line of the answer as it comes.</summary>
    /// <exception cref="CommandException">
    /// The service does not answer (3), another such request goes on (6), or it refuses (2 for what the user can mend, else 3).
    /// </exception>
    public Task PostForLinesAsync(string path, object body, Action<string> line, CancellationToken cancellationToken) =>
        ServiceAnswer.PostForLinesAsync(name, http, path, body, line, cancellationToken);

    public void Dispose() => http.Dispose();
}
