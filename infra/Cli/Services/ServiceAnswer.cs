using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace CpfPipeline.Cli.Services;

/// <summary>What a service answered.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Status">Status code.</param>
/// <param name="Text">The body.</param>
/// <param name="Phrase">The status in words.</param>
internal sealed record ServiceAnswer(string Service, HttpStatusCode Status, string Text, string? Phrase)
{
    private bool IsGood => (int)Status is >= 200 and < 300;

    /// <summary>Sends a request.</summary>
    /// <param name="service">Its name, for messages.</param>
    /// <param name="client">Carries its address.</param>
    /// <param name="method">Method.</param>
    /// <param name="path">Path.</param>
    /// <param name="body">Null, an <see cref="HttpContent"/> that is sent as it is, or what is sent as JSON.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ServiceSilentException">The service does not answer.</exception>
    public static async Task<ServiceAnswer> SendAsync(
        string service, HttpClient client, HttpMethod method, string path, object? body, IReadOnlyDictionary<string, string>? headers,
        CancellationToken cancellationToken)
    {
        try
        {
            using var content = body switch
            {
                null => null,
                HttpContent given => given,
                _ => JsonContent.Create(body, body.GetType(), options: ServiceClient.Json),
            };
            using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
            request.Headers.ExpectContinue = body is HttpContent; // A refusal comes before the files are sent.
            foreach (var (name, value) in headers ?? new Dictionary<string, string>())
            {
                request.Headers.Add(name, value);
            }

            using var response = await client.SendAsync(request, cancellationToken);
            return new ServiceAnswer(
                service, response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken), response.ReasonPhrase);
        }
        catch (HttpRequestException e)
        {
            throw Silent(service, client, e);
        }
    }

    /// <summary>Writes what a GET answers into a stream.</summary>
    /// <returns>The answer, and its ETag without quotes; on success the text is empty, and the body is in the stream.</returns>
    /// <exception cref="ServiceSilentException">The service does not answer.</exception>
    /// <exception cref="IOException">The stream refuses what came.</exception>
    public static async Task<(ServiceAnswer Answer, string? Tag)> DownloadAsync(
        string service, HttpClient client, string path, Stream target, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(
                new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var text = "";
            if (response.IsSuccessStatusCode)
            {
                // The content's own copy would take a full disk for a service that fell silent.
                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                await body.CopyToAsync(target, cancellationToken);
            }
            else
            {
                text = await response.Content.ReadAsStringAsync(cancellationToken);
            }

            return (new ServiceAnswer(service, response.StatusCode, text, response.ReasonPhrase), response.Headers.ETag?.Tag.Trim('"'));
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or IOException { InnerException: SocketException })
        {
            throw Silent(service, client, e);
        }
    }

    /// <summary>Posts, and hands on each line of the answer as it comes.</summary>
    /// <exception cref="ServiceSilentException">The service does not answer, or falls silent.</exception>
    /// <exception cref="CommandException">It refuses; with 6 when another one goes on.</exception>
    public static async Task PostForLinesAsync(
        string service, HttpClient client, string path, object body, Action<string> line, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
            {
                Content = JsonContent.Create(body, body.GetType(), options: ServiceClient.Json),
            };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                new ServiceAnswer(
                    service, response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken), response.ReasonPhrase)
                    .ThrowUnlessGood(conflict: ExitCode.AlreadyRunning);
            }

            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await reader.ReadLineAsync(cancellationToken) is { } text)
            {
                line(text);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Silent(service, client, e);
        }
    }

    private static ServiceSilentException Silent(string service, HttpClient client, Exception e) => new(
        $"{service} does not answer at {client.BaseAddress} ({e.Message}): infra/cpf up starts it, infra/cpf logs "
            + $"{service.ToLowerInvariant()} shows why it stopped");

    /// <summary>Reads the body.</summary>
    /// <param name="asked">What was asked, for the message.</param>
    /// <exception cref="CommandException">The body has another form.</exception>
    public T Read<T>(string asked)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Text, ServiceClient.Json) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw CommandException.Infrastructure($"{Service} answered {asked} in a form that this command does not know: {e.Message}");
        }
    }

    /// <param name="conflict">What a conflict (409) means.</param>
    /// <exception cref="CommandException">The service refused: 2 for what the user can mend, else 3.</exception>
    public ServiceAnswer ThrowUnlessGood(ExitCode conflict = ExitCode.Usage)
    {
        if (IsGood)
        {
            return this;
        }

        var code = Status switch
        {
            HttpStatusCode.Conflict => conflict,
            HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity
                or HttpStatusCode.RequestEntityTooLarge => ExitCode.Usage,
            _ => ExitCode.Infrastructure,
        };
        if ((int)Status >= 500)
        {
            throw new ServiceSilentException($"{Service} cannot serve now ({(int)Status}): {Reason()}");
        }

        throw new CommandException(code, $"{Service} refused ({(int)Status}): {Reason()}");
    }

    /// <summary>A field of the body, or null.</summary>
    public string? Field(string name)
    {
        try
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                    ? value.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null; // Plain text, or nothing.
        }
    }

    /// <summary>Why it refused: RFC 9457 problem details where the service sends them.</summary>
    public string Reason() =>
        Field("detail") ?? Field("title") ?? Field("error") ?? (Text.Length is > 0 and < 500
            ? Text.ReplaceLineEndings(" ").Trim() : Phrase ?? "no reason given");
}
