using System.Net.Http.Json;
using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;

namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>What is left of a run when all its work is done.</summary>
/// <param name="Lines">Rows of every kind, each as a line, sorted.</param>
/// <param name="Failed">Messages in the queues of failed ones, as <c>source: queue, reason</c>, each once.</param>
internal sealed record ChaosEnd(IReadOnlyList<string> Lines, IReadOnlyList<string> Failed)
{
    private const string Rows = """
        select line from (
            select 'image ' || external_id || ' ' || state || ' ' || revision || ' ' || coalesce(product_key, '-') || ' '
                || coalesce(reject_reason, '-') || ' ' || case when state = 'stored' then content_id::text else '-' end as line
            from cpf.images
            union all
            select 'content ' || content_id || ' ' || state from cpf.contents
            union all
            select 'verdict ' || content_a || ' ' || content_b || ' ' || verdict from cpf.verdicts
            union all
            select 'erasure ' || who || ' ' || state from cpf.erasures where who like 'chaos %'
            union all
            select 'member ' || g.content_id || ' of ' || g.group_id || case when g.pending then ' pending' else '' end
            from cpf.group_members g join cpf.models m using (model_id) where m.state = 'active'
            union all
            select 'features ' || count(*) from cpf.features f join cpf.contents c using (content_id)
            union all
            select 'embeddings ' || count(*)
            from cpf.embeddings e join cpf.heads h using (head_id)
            where h.head_id = (select head_id from cpf.models where state = 'active')
        ) l
        order by line collate "C"
        """;

    private const string Left = """
        select what || ' ' || n from (
            select 'images to be fetched' as what, count(*) as n from cpf.images where state = 'received'
            union all select 'images without a group', count(*)
                from cpf.image_status where status not in ('matched', 'rejected', 'retracted', 'placeholder')
            union all select 'parked fetches', count(*) from cpf.fetches
            union all select 'messages to be published', count(*) from cpf.outbox
            union all select 'feeds', count(*) from cpf.feeds where state in ('queued', 'running')
            union all select 'erasures', count(*) from cpf.erasures where state <> 'finished'
            union all select 'runs of the Trainer', count(*) from cpf.training_runs where state in ('queued', 'running')
            union all select 'pending contents', count(*)
                from cpf.group_members g join cpf.models m using (model_id) where m.state = 'active' and g.pending
        ) l
        where n > 0
        """;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Waits until nothing is left to do, and reads what there is. Dead letters are put back first, as an operator would.
    /// </summary>
    /// <param name="stack">The pipeline.</param>
    /// <param name="firstModel">The model under which it is read.</param>
    /// <param name="failures">How many messages fail for good.</param>
    /// <param name="log">Receives what is left.</param>
    /// <param name="patience">How long something may be left.</param>
    /// <exception cref="TimeoutException">Something stays.</exception>
    public static async Task<ChaosEnd> ReadAsync(Stack stack, long firstModel, int failures, Action<string> log, TimeSpan patience)
    {
        using var ingest = stack.Client("Ingest", TimeSpan.FromMinutes(2));
        var told = "";
        await Stack.UntilAsync(
            async () =>
            {
                var left = await TryLeftAsync(stack, ingest);
                if (string.Join("; ", left) is var line && line != told && line != "")
                {
                    log($"  left: {told = line}");
                }

                return left.Count == 0;
            },
            "nothing is left to do (the last line tells what is)", patience, Look);

        if ((await stack.QueryAsync<long>("select model_id from cpf.models where state = 'active'"))[0] != firstModel)
        {
            log($"  back to model {firstModel}");
            (await stack.RunAsync("activate", $"{firstModel}", "--wait")).Expect(0);
        }

        (await stack.RunAsync("reconcile")).Expect(0);
        var rows = await stack.QueryAsync<string>(Rows);

        // A message in a consumer's hands is in no queue.
        var failed = await FailedAsync(ingest);
        try
        {
            await Stack.UntilAsync(
                async () => (failed = await FailedAsync(ingest)).Count >= failures, "all that fails for good has failed", pause: Look);
        }
        catch (TimeoutException)
        {
            // What is missing is compared with the calm run.
        }

        return new ChaosEnd(rows, failed);
    }

    // What cannot be asked is not done.
    private static async Task<IReadOnlyList<string>> TryLeftAsync(Stack stack, HttpClient ingest)
    {
        try
        {
            return await LeftAsync(stack, ingest);
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or HttpRequestException or TaskCanceledException or IOException)
        {
            return [e.Message];
        }
    }

    private static async Task<IReadOnlyList<string>> LeftAsync(Stack stack, HttpClient ingest)
    {
        var left = await stack.QueryAsync<string>(Left);
        using var health = await ingest.GetAsync(new Uri("/health", UriKind.Relative));
        var queues = (await health.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("queues").EnumerateObject().ToList();
        left.AddRange(queues.Where(q => !IsOfFailed(q.Name) && q.Value.GetInt64() > 0).Select(q => $"{q.Name} {q.Value.GetInt64()}"));
        if (queues.Count == 0)
        {
            left.Add("the broker does not answer");
        }

        if (queues.Any(q => q.Name == "cpf.dead-letter"))
        {
            var put = await ReplayAsync(ingest, new { queue = "cpf.dead-letter" });
            if (put.GetProperty("put_back").GetInt64() is > 0 and var count)
            {
                left.Add($"{count} dead letters that were put back");
            }
        }

        return left;
    }

    private static async Task<IReadOnlyList<string>> FailedAsync(HttpClient ingest)
    {
        var summary = await ReplayAsync(ingest, new { dry_run = true });
        return
        [
            .. summary.GetProperty("first").EnumerateArray()
                .Select(m => $"{Text(m, "source")}: {Text(m, "queue")}, {Text(m, "reason").Split('.')[^1]}").Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<JsonElement> ReplayAsync(HttpClient ingest, object request)
    {
        using var answer = await ingest.PostAsJsonAsync("/replays", request);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var last = JsonDocument.Parse(lines[^1]).RootElement;
        return last.TryGetProperty("summary", out var summary) && summary.ValueKind == JsonValueKind.Object
            ? summary : throw new HttpRequestException($"the replay broke off: {lines[^1]}");
    }

    private static bool IsOfFailed(string queue) =>
        queue.EndsWith("_error", StringComparison.Ordinal) || queue.EndsWith("_skipped", StringComparison.Ordinal)
        || queue == "cpf.dead-letter";

    private static string Text(JsonElement message, string name) => message.GetProperty(name).ToString();
}
