using System.Net;
using System.Net.Http.Json;
using System.Text;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>Gives inputs to a pipeline as a patient client does: what is not answered well is sent again.</summary>
internal sealed class ChaosMarket(Stack stack, string folder, Action<string> log) : IDisposable
{
    public const string Source = "feed";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly HttpClient _ingest = stack.Client("Ingest", TimeSpan.FromSeconds(15));
    private readonly HttpClient _matcher = stack.Client("Matcher", TimeSpan.FromSeconds(30));
    private readonly HttpClient _trainer = stack.Client("Trainer", TimeSpan.FromSeconds(15));
    private int _feeds;

    /// <summary>Gives one input, until the pipeline has taken it.</summary>
    public async Task GiveAsync(ChaosInput input)
    {
        var start = TimeProvider.System.GetTimestamp();
        var said = "";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await TryAsync(input) is not { } refusal)
                {
                    return;
                }

                said = refusal;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException or BrokerUnreachableException
                or AlreadyClosedException or OperationInterruptedException or PublishException or Npgsql.NpgsqlException)
            {
                said = e.Message;
            }

            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"{input} was not taken: {said}");
            }

            if (attempt == 20)
            {
                log($"  {input} waits: {said}");
            }

            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _ingest.Dispose();
        _matcher.Dispose();
        _trainer.Dispose();
    }

    /// <returns>Null when it was taken; else what was said.</returns>
    private Task<string?> TryAsync(ChaosInput input) => input.Kind switch
    {
        InputKind.Submit => PostAsync(_ingest, "/images", Image(input.Ids[0], input.Ids[0], ChaosInputs.Revision)),
        InputKind.Publish => PublishAsync("cpf.submit-image", Json(Image(input.Ids[0], input.Ids[0], ChaosInputs.Revision))),
        InputKind.Late => PublishAsync("cpf.submit-image", Json(Image(input.Ids[0], input.Ids[1], ChaosInputs.Revision - 1))),
        InputKind.Feed => FeedAsync(input.Ids),
        InputKind.Retract => RetractAsync(input.Ids[0]),
        InputKind.Verdict => VerdictAsync(input),
        InputKind.Erase => EraseAsync(input.Ids[0]),
        InputKind.Night => NightAsync(),
        _ => PoisonAsync(input.Word),
    };

    private object Image(string id, string picture, int revision) => new
    {
        source = Source, external_id = id, uri = new Uri(Path.Combine(folder, picture)).AbsoluteUri, revision,
        product_key = Path.GetFileNameWithoutExtension(id), key_scope = "global",
    };

    private static string Json(object image) => System.Text.Json.JsonSerializer.Serialize(image);

    private async Task<string?> FeedAsync(IReadOnlyList<string> ids)
    {
        var path = Path.Combine(folder, $"feed-{stack.Name}-{_feeds++}.csv");
        await File.WriteAllLinesAsync(path, ids
            .Select(id => $"{id},{id},{ChaosInputs.Revision},{Path.GetFileNameWithoutExtension(id)},global")
            .Prepend("external_id,uri,revision,product_key,key_scope"));
        return await PostAsync(_ingest, "/feeds", new { path, source = Source });
    }

    // It must be live: before that a retraction of the same revision would keep its picture from ever being stored.
    private async Task<string?> RetractAsync(string id)
    {
        if ((await stack.QueryAsync<long>(
            "select count(*) from cpf.images where source = $1 and external_id = $2 and state = 'retracted'", Source, id))[0] == 1)
        {
            return null; // The answer was lost, not the request.
        }

        if (!await AreStoredAsync([id]))
        {
            return "it is not stored yet";
        }

        using var answer = await _ingest.DeleteAsync(
            new Uri($"/images?source={Source}&external_id={Uri.EscapeDataString(id)}&revision={ChaosInputs.Revision}", UriKind.Relative));
        return answer.IsSuccessStatusCode ? null : await SayAsync(answer);
    }

    private async Task<string?> VerdictAsync(ChaosInput input) => await AreStoredAsync(input.Ids)
        ? await PostAsync(_matcher, "/verdicts", new
        {
            a = new { source = Source, external_id = input.Ids[0] }, b = new { source = Source, external_id = input.Ids[1] },
            verdict = input.Word, who = "chaos",
        })
        : "its images are not stored yet";

    private async Task<string?> EraseAsync(string id)
    {
        if ((await stack.QueryAsync<long>("select count(*) from cpf.erasures where who = $1", $"chaos {id}"))[0] == 1)
        {
            return null; // The answer was lost, not the request.
        }

        return await AreStoredAsync([id])
            ? await PostAsync(_ingest, "/erasures", new { source = Source, external_id = id, who = $"chaos {id}" })
            : "it is not stored yet";
    }

    private async Task<string?> NightAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/trainings");
        request.Content = JsonContent.Create(new { kind = "threshold" });
        request.Headers.Add("Idempotency-Key", "chaos-night");
        using var answer = await _trainer.SendAsync(request);
        return answer.IsSuccessStatusCode || (int)answer.StatusCode < 500 ? null : await SayAsync(answer);
    }

    private async Task<string?> PoisonAsync(string mark) => await PublishAsync("cpf.submit-image", $$"""{"source": "{{mark}}"}""")
        ?? await PublishAsync(
            "cpf.content-stored",
            $$"""
            {"messageType":["urn:message:CpfPipeline.Contracts:ContentStored"],"message":{"contentId":"no number","source":"{{mark}}"} }
            """,
            "application/vnd.masstransit+json");

    private async Task<bool> AreStoredAsync(IReadOnlyList<string> ids) => (await stack.QueryAsync<long>(
        "select count(*) from cpf.image_status where source = $1 and external_id = any($2) and status = 'matched'",
        Source, ids.ToArray()))[0] == ids.Count;

    private async Task<string?> PublishAsync(string queue, string body, string contentType = "application/json")
    {
        var factory = new ConnectionFactory
        {
            Uri = stack.RabbitMq, AutomaticRecoveryEnabled = false, ContinuationTimeout = TimeSpan.FromSeconds(5),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await channel.BasicPublishAsync(
            "", queue, mandatory: true, new BasicProperties { ContentType = contentType, Persistent = true }, Encoding.UTF8.GetBytes(body),
            limit.Token);
        return null;
    }

    private static async Task<string?> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        return answer.IsSuccessStatusCode ? null
            : answer.StatusCode is HttpStatusCode.TooManyRequests ? "429" : await SayAsync(answer);
    }

    private static async Task<string> SayAsync(HttpResponseMessage answer) =>
        $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
}
